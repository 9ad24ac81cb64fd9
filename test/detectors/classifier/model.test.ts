import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadModel, SHIPPED_MODEL } from '../../../src/detectors/classifier/model.ts';
import { CodedError } from '../../../src/domain/errors.ts';
import { modelFolder } from './heads.ts';

const failureOf = (folder: string): CodedError => {
  try {
    loadModel(folder);
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('it loaded');
};

describe('a model folder', () => {
  it('is shipped whole: every file is the one its head was trained with', () => {
    const { head, vocabulary, encoder, hash } = loadModel(SHIPPED_MODEL);
    expect(vocabulary.ids.size).toBe(30_522);
    expect(encoder.length).toBe(head.files['encoder.int8.onnx'].bytes);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('has another hash as soon as one weight differs', () => {
    const folder = modelFolder((head) => ({ ...head, heads: head.heads.map((h) => ({ ...h, bias: h.bias + 1e-6 })) }));
    expect(loadModel(folder).hash).not.toBe(loadModel(SHIPPED_MODEL).hash);
  });

  it.each(['head.json', 'vocab.txt', 'encoder.int8.onnx'])('stops the start where %s is missing, by name', (name) => {
    const folder = modelFolder();
    rmSync(join(folder, name));
    expect(failureOf(folder)).toMatchObject({ code: 'invalid_config', message: expect.stringContaining(name) });
  });

  it.each(['vocab.txt', 'encoder.int8.onnx'])('stops the start where %s is longer than listed', (name) => {
    const folder = modelFolder();
    appendFileSync(join(folder, name), '\n');
    expect(failureOf(folder).message).toMatch(new RegExp(`${name}: the file has \\d+ bytes`));
  });

  it.each(['vocab.txt', 'encoder.int8.onnx'])('stops the start where one byte of %s differs', (name) => {
    const folder = modelFolder();
    const bytes = readFileSync(join(folder, name));
    bytes[1000] = bytes[1000]! ^ 1;
    writeFileSync(join(folder, name), bytes);
    expect(failureOf(folder).message).toContain(`${name}: the SHA-256`);
  });

  it('stops the start where the head is not JSON, or not a head, with the fields at fault', () => {
    const folder = modelFolder();
    writeFileSync(join(folder, 'head.json'), '{');
    expect(failureOf(folder).message).toContain('head.json: this is not JSON');
    expect(failureOf(modelFolder((head) => ({ ...head, heads: [] }))).errors).toEqual([
      { path: '/heads', message: expect.any(String) },
    ]);
  });
});
