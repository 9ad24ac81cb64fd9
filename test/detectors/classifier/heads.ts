import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { HeadFile, HeadSource } from '../../../src/detectors/classifier/head.ts';
import { SHIPPED_MODEL } from '../../../src/detectors/classifier/model.ts';

/** A head over vectors of two numbers whose score is their sum. */
export const headSource = (changes: Partial<HeadSource> = {}): HeadSource => ({
  name: 'test',
  views: ['reasoning'],
  category: null,
  seeds: 1,
  mean: [0, 0],
  std: [1, 1],
  weights: [1, 1],
  bias: 0,
  temperature: 1,
  calibration: [
    [-10, 0],
    [10, 1],
  ],
  trainedOn: ['nothing'],
  calibratedOn: 'nothing',
  ...changes,
});

export const headFile = (heads: readonly HeadSource[] = [headSource()]): HeadFile => ({
  format: 'cot-monitor.head.v1',
  encoder: { dimensions: 2, maxTokens: 160 },
  files: {
    'encoder.int8.onnx': { bytes: 1, sha256: 'a'.repeat(64) },
    'vocab.txt': { bytes: 1, sha256: 'b'.repeat(64) },
  },
  heads: [...heads],
});

export const shippedHead = (): HeadFile =>
  JSON.parse(readFileSync(join(SHIPPED_MODEL, 'head.json'), 'utf8')) as HeadFile;

/** A copy of the shipped model in a folder of its own, its head changed; gone when the test is. */
export const modelFolder = (change: (head: HeadFile) => unknown = (head) => head): string => {
  const folder = mkdtempSync(join(tmpdir(), 'cot-monitor-model-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(SHIPPED_MODEL, folder, { recursive: true });
  writeFileSync(join(folder, 'head.json'), JSON.stringify(change(shippedHead())));
  return folder;
};
