import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('./python_client.py', import.meta.url));

/** A Python client, in a process of its own that measures itself. */
const python = (module) => ({
  name: `Python ${module}`,
  available: () => spawnSync('python3', ['-c', `import ${module}`]).status === 0,
  open: (target) => {
    const child = spawn('python3', [script, module], { stdio: ['pipe', 'pipe', 'inherit'] });
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return {
      /** Measures itself: seconds of CPU and of wall time for `count` GETs. */
      batch: async (url, count, concurrency) => {
        child.stdin.write(`${JSON.stringify({ url, count, concurrency, headers: target.headers })}\n`);
        return JSON.parse((await answers.next()).value);
      },
      close: () => child.stdin.end(),
    };
  },
});

export const pythonRequests = python('requests');
export const pythonHttpx = python('httpx');
