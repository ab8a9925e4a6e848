// Round-robin measurement: every step of every contender gets a short turn in every round, so that a busy moment of the
// machine falls on all of them.
import v8 from "node:v8";
import vm from "node:vm";

v8.setFlagsFromString("--expose-gc");
const collectGarbage = vm.runInNewContext("gc"); // before a turn, so that nobody pays for the turn before

let sink = 0;

async function turn(step, times) {
    if (step.measure) return step.measure(times);
    const samples = [];
    collectGarbage();
    for (let i = 0; i < times; i++) {
        const state = step.prepare?.();
        const begin = performance.now();
        const result = step.run(state);
        samples.push(performance.now() - begin);
        if (typeof result === "number") sink += result;
        step.finish?.(state);
    }
    return samples;
}

export function quantile(sorted, share) {
    const at = (sorted.length - 1) * share;
    const low = Math.floor(at);
    return sorted[low] + ((sorted[low + 1] ?? sorted[low]) - sorted[low]) * (at - low);
}

export function summary(samples) {
    const sorted = samples.toSorted((a, b) => a - b);
    return {
        median_ms: quantile(sorted, 0.5),
        p10_ms: quantile(sorted, 0.1),
        p90_ms: quantile(sorted, 0.9),
        samples: sorted.length,
    };
}

/**
 * @param {{name: string, steps: object}[]} contenders
 * @param {{warmUpMs: number, turnMs: number, rounds: number, progress?: (text: string) => void}} options
 * @returns {Promise<Map<string, object>>} `contender.step` -> summary
 */
export async function measureAll(contenders, { warmUpMs, turnMs, rounds, progress = () => {} }) {
    const entries = contenders.flatMap(({ name, steps }) =>
        Object.entries(steps).map(([stepName, step]) => ({
            key: `${name}.${stepName}`,
            step,
            samples: [],
            times: 1,
        })),
    );
    for (const entry of entries) {
        progress(`warm-up ${entry.key}`);
        let last = [];
        for (const end = performance.now() + warmUpMs; performance.now() < end || last.length === 0; )
            last = await turn(entry.step, entry.times);
        const once = summary(last).median_ms;
        entry.times = Math.min(200, Math.max(1, Math.round(turnMs / Math.max(once, 0.001))));
    }
    for (let round = 1; round <= rounds; round++) {
        progress(`round ${round} of ${rounds}`);
        // Start elsewhere every time: whoever follows a heavy step is not always the same.
        const from = (round * 7) % entries.length;
        for (const entry of [...entries.slice(from), ...entries.slice(0, from)])
            entry.samples.push(...(await turn(entry.step, entry.times)));
    }
    progress("");
    return new Map(entries.map(({ key, samples }) => [key, summary(samples)]));
}

export const used = () => sink;
