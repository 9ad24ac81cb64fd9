import { describe, expect, it } from 'vitest';
import { createCommitter } from '../../src/ingest/committer.ts';

const committerWith = (commit: (marks: ReadonlyMap<number, bigint>) => Promise<void>) => {
  const marks = new Map<number, bigint>();
  const failures: unknown[] = [];
  const committer = createCommitter({
    marks: () => marks,
    commit,
    intervalMs: 3_600_000,
    onCommitted: () => undefined,
    onFailed: (error) => void failures.push(error),
  });
  return { committer, marks, failures };
};

describe('committer', () => {
  it('commits what changed, and nothing twice', async () => {
    const commits: [number, bigint][][] = [];
    const { committer, marks } = committerWith(async (m) => void commits.push([...m]));
    marks.set(0, 5n).set(1, 7n);
    await committer.flush();
    await committer.flush();
    marks.set(1, 8n);
    await committer.flush();
    expect(commits).toEqual([
      [
        [0, 5n],
        [1, 7n],
      ],
      [[1, 8n]],
    ]);
    committer.forget();
    await committer.flush();
    expect(commits[2]).toHaveLength(2);
    committer.stop();
  });

  it('tries again, with what has become of it, after a commit that failed', async () => {
    let down = true;
    const commits: bigint[] = [];
    const { committer, marks, failures } = committerWith(async (m) => {
      if (down) throw new Error('down');
      commits.push(m.get(0)!);
    });
    marks.set(0, 5n);
    await committer.flush();
    expect(failures).toHaveLength(1);
    marks.set(0, 9n);
    down = false;
    await committer.flush();
    expect(commits).toEqual([9n]);
    committer.stop();
  });

  it('has one commit under way at most, and a flush waits for its own', async () => {
    let running = 0;
    let most = 0;
    const { committer, marks } = committerWith(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    const flushes = [1n, 2n, 3n].map((mark) => {
      marks.set(0, mark);
      return committer.flush();
    });
    await Promise.all(flushes);
    expect(most).toBe(1);
    committer.stop();
  });
});
