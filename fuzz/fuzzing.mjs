// The run itself: every request is made from the seed and its number, sent, and its answers judged.
import { createChance } from '../chaos/random.mjs';
import { scenes } from './by-hand/index.mjs';
import { makeHostile } from './changes.mjs';
import { readAll } from './http-reader.mjs';
import { Known } from './known.mjs';
import { bytesOf, targetOf, validRequest } from './requests.mjs';
import { sample } from './sample.mjs';
import { Lane, sendRaw } from './wire.mjs';

/** One in so many is made by hand. */
const byHandOneIn = 10;
/** An answer must have come by then, ms. */
const withinMs = 20_000;
/** Of an answer that waits or never ends, so much is enough, ms. */
const enoughMs = 200;

/**
 * @typedef {object} Fuzz
 * @property {number} seed
 * @property {ReturnType<import('./contract.mjs').readContract>} contract
 * @property {ReturnType<import('./judge.mjs').createJudge>} judge
 * @property {{ type: string, queue: string, payloadSchema: object | null }[]} taskTypes that may be run
 * @property {{ port: number, host: string, authorization: string | undefined }} api
 * @property {import('./findings.mjs').Findings} findings
 */

/**
 * What became of one number.
 * @typedef {object} Outcome
 * @property {string} name of what was asked
 * @property {Buffer} bytes that were sent
 * @property {(import('./http-reader.mjs').Answer | string)[]} answers a text: why there is none
 * @property {string[]} faults
 * @property {number} requests
 */

/** Makes what sends them. @param {Fuzz} fuzz */
export function createFuzzing({ seed, contract, judge, taskTypes, api, findings }) {
  const { port, host, authorization } = api;
  const known = new Known([...new Set(taskTypes.map(({ queue }) => queue))]);
  /** How often each status was answered, or nothing. @type {Map<number | string, number>} */
  const answered = new Map();
  /** Which operations gave which status. @type {Set<string>} */
  const produced = new Set();

  // Most can go wrong where there is a body.
  const weightOf = ({ bodies }) => (Object.keys(bodies).length > 0 ? 5 : 1);
  const operations = contract.operations.flatMap((each) => Array(weightOf(each)).fill(each));

  /** A task that runs. */
  const work = (chance) => {
    const { type, payloadSchema } = chance.pick(taskTypes);
    return [
      ['type', type],
      ['payload', sample(payloadSchema ?? {}, { chance, resolve: contract.resolve, work })],
    ];
  };

  /** @returns {Promise<Outcome>} */
  const sendMade = async (chance, lane) => {
    const operation = chance.pick(operations);
    const sampling = { chance, resolve: contract.resolve, work };
    const request = validRequest(operation, { known, sampling, authorization });
    makeHostile(request, chance);
    const [target, bytes] = [targetOf(request), bytesOf(request, host)];
    const reached = contract.find(request.method, target);
    const outcome = { name: `${request.method} ${reached?.path ?? 'elsewhere'}`, bytes, requests: 1 };
    const answer = await lane.ask(bytes, request.method, { withinMs, ...(mayTakeLong(request) && { enoughMs }) });
    if (typeof answer === 'string') {
      return { ...outcome, answers: [answer], faults: mayTakeLong(request) ? [] : [`no answer: ${answer}`] };
    }
    if (reached) {
      produced.add(`${reached.method} ${reached.path} ${answer.status}`);
      known.learn(reached.path, answer);
    }
    return { ...outcome, answers: [answer], faults: judge(request.method, target, answer) };
  };

  /** @returns {Promise<Outcome>} */
  const playScene = async (chance) => {
    const name = chance.pick(Object.keys(scenes));
    const head = `Host: ${host}\r\n${authorization ? `Authorization: ${authorization}\r\n` : ''}`;
    const taskId = () => known.parameter('/tasks/{id}', 'id', chance);
    const scene = scenes[name]({ chance, head, taskId });
    const { requests = 1, pieces, expect } = scene;
    const received = await sendRaw(port, pieces, scene);
    const { answers, fault } = readAll(received);
    const isAway = answers.some(({ status }) => status === 503);
    const unexpected = fault ?? (isAway ? undefined : expect?.(answers));
    const faults = answers.flatMap((answer) => judge('GET', undefined, answer));
    const unanswered = Array(Math.max(0, requests - answers.length)).fill(received.error ?? 'unanswered');
    const bytes = Buffer.concat(pieces.filter((piece) => typeof piece !== 'number').map((piece) => Buffer.from(piece)));
    return {
      ...{ name, bytes, requests, answers: [...answers, ...unanswered] },
      faults: unexpected ? [...faults, unexpected] : faults,
    };
  };

  const play = async (number, lane) => {
    const chance = createChance(seed, `request ${number}`);
    const isByHand = chance.between(1, byHandOneIn) === 1;
    const outcome = await (isByHand ? playScene(chance) : sendMade(chance, lane));
    for (const answer of outcome.answers) {
      const kind = typeof answer === 'string' ? answer : answer.status;
      answered.set(kind, (answered.get(kind) ?? 0) + 1);
    }
    for (const fault of outcome.faults) findings.add(number, fault, outcome);
    return outcome.requests;
  };

  /** Sends those of these numbers, so many at a time; how many requests that were. */
  const send = async (from, to, lanes) => {
    let next = from;
    let sent = 0;
    const run = async () => {
      const lane = new Lane(port);
      for (let number = next++; number < to; number = next++) {
        const requests = await play(number, lane);
        sent += requests;
      }
      lane.close();
    };
    await Promise.all(Array.from({ length: lanes }, run));
    return sent;
  };

  return { send, answered, produced };
}

/** Whether it waits, follows events, or lets the server wait for more of it. */
function mayTakeLong(request) {
  return /events|wait/i.test(targetOf(request)) || request.headers.some(([name]) => /^(?:prefer|expect)$/i.test(name));
}
