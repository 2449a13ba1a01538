import type { Exchange } from './exchange.ts';
import type { Script } from './script.ts';
import type { Condition, HeadSpec, Step } from './steps.ts';

/** Runs a script for a request. Resolves when its last step is done; rejects with `ConnectionGone` if cut short. */
export async function runScript(script: Script, exchange: Exchange): Promise<void> {
  if (typeof script === 'function') {
    exchange.awaitsBody = false;
    await script(exchange);
    return;
  }
  if ('sequence' in script) {
    for (const step of script.sequence) await runScript(step, exchange);
    return;
  }
  if ('when' in script) {
    await runScript(holds(script.when, exchange) ? script.do : script.otherwise, exchange);
    return;
  }
  await runStep(script, exchange);
}

async function runStep(step: Step, exchange: Exchange): Promise<void> {
  if ('at' in step) {
    exchange.awaitsBody = step.at === 'body';
    return;
  }
  if ('readNothing' in step || 'readBody' in step) exchange.awaitsBody = false;
  if (exchange.awaitsBody) {
    exchange.awaitsBody = false;
    await exchange.body();
  }
  return effect(step, exchange);
}

async function effect(step: Step, exchange: Exchange): Promise<void> {
  const { wire } = exchange;
  if ('respond' in step) return exchange.respond(step.respond);
  if ('chunked' in step) return exchange.chunked(step.chunked);
  if ('head' in step) return exchange.head(step.head);
  if ('raw' in step)
    return step.pace === undefined ? wire.write(step.raw) : wire.writeSlowly(step.raw, step.pace);
  if ('echo' in step) return echo(step.echo, exchange);
  if ('sleep' in step) return wire.sleep(step.sleep);
  if ('stall' in step) return wire.stall();
  if ('close' in step) return exchange.close(step.close);
  if ('reset' in step) return wire.reset();
  if ('halfClose' in step) return wire.halfClose();
  if ('readNothing' in step) return wire.readNothing();
  if ('readAgain' in step) return wire.readAgain();
  if ('readBody' in step) return readBody(step.readBody, exchange);
  if ('together' in step) return wire.together(() => runScript({ sequence: step.together }, exchange));
  if ('repeat' in step) return repeat(step, exchange);
  if ('whileIdle' in step) {
    exchange.idle = { step: step.whileIdle, after: step.after };
    return;
  }
  if ('forward' in step || 'tunnel' in step) return relay(step, exchange);
}

async function repeat(
  step: { readonly repeat: readonly Step[]; readonly times: number | 'forever' },
  exchange: Exchange,
): Promise<void> {
  const times = step.times === 'forever' ? Number.POSITIVE_INFINITY : step.times;
  for (let turn = 0; turn < times; turn += 1) await runScript({ sequence: step.repeat }, exchange);
}

async function readBody(
  options: { readonly bytes?: number; readonly sendContinue?: boolean },
  exchange: Exchange,
): Promise<void> {
  if (options.bytes === undefined) await exchange.body(options);
  else await exchange.bodyBytes(options.bytes, options);
}

function echo(spec: HeadSpec, exchange: Exchange): Promise<void> {
  const { request } = exchange;
  const seen = {
    method: request.method,
    target: request.target,
    headers: request.rawHeaders,
    body: request.bodyText,
    bodyBase64: request.body.toString('base64'),
    connection: request.connection,
  };
  return exchange.respond({
    headers: [['content-type', 'application/json']],
    ...spec,
    body: JSON.stringify(seen),
  });
}

function relay(
  step: Extract<Step, { forward: true } | { tunnel: object }>,
  exchange: Exchange,
): Promise<void> {
  if (exchange.relay === undefined) throw new TypeError('forward and tunnel are steps of a ProxyServer');
  return 'forward' in step ? exchange.relay.forward(exchange) : exchange.relay.tunnel(exchange, step.tunnel);
}

function holds(condition: Condition, { request }: Exchange): boolean {
  if (condition.method !== undefined && condition.method !== request.method) return false;
  if (condition.request !== undefined && condition.request !== request.sequence) return false;
  if (condition.connection !== undefined && condition.connection !== request.connection) return false;
  return Object.entries(condition.headers ?? {}).every(([name, wanted]) => {
    const value = request.header(name);
    if (wanted === null) return value === undefined;
    return wanted === true ? value !== undefined : value === wanted;
  });
}
