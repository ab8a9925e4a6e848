// Agreement by class, as a table.

/**
 * @typedef {object} Tally
 * @property {(name: string, goal: number) => void} goal  share of a class that must agree, when it is not all of it;
 *     listed disagreements agree for this
 * @property {(name: string, same: boolean, example?: unknown, listed?: string) => void} add  one input of the class `name`;
 *     `example` is shown for the first that differ; `listed` names the documented class that this disagreement belongs to
 * @property {(title: string) => {text: string, good: boolean}} report
 */

const SHOWN = 5; // examples of a class

/** @returns {Tally} */
export function createTally() {
    const classes = new Map();
    const listings = new Map();
    const goals = new Map();
    const row = (name) => {
        if (!classes.has(name)) classes.set(name, { inputs: 0, agree: 0, listed: 0, examples: [] });
        return classes.get(name);
    };
    return {
        goal: (name, share) => void goals.set(name, share),
        add(name, same, example, listed) {
            const counts = row(name);
            counts.inputs += 1;
            if (same) counts.agree += 1;
            else if (listed !== undefined) {
                counts.listed += 1;
                listings.set(listed, (listings.get(listed) ?? 0) + 1);
            } else if (counts.examples.length < SHOWN) counts.examples.push(example);
        },
        report(title) {
            const lines = [title];
            const line = (name, ...cells) =>
                lines.push(`  ${name.padEnd(46)}${cells.map((cell) => String(cell).padStart(10)).join("")}`);
            line("class", "inputs", "agree", "listed", "differ", "goal");
            const sum = { inputs: 0, agree: 0, listed: 0 };
            let good = classes.size > 0;
            for (const [name, { inputs, agree, listed, examples }] of classes) {
                const share = goals.get(name) ?? 1;
                const under = (agree + listed) / inputs < share;
                good &&= !under;
                const differ = inputs - agree - listed;
                line(name, inputs, agree, listed, differ, `${share * 100} %${under ? " !" : ""}`);
                for (const example of examples) lines.push(`    differs: ${JSON.stringify(example)}`);
                for (const key of Object.keys(sum)) sum[key] += { inputs, agree, listed }[key];
            }
            line("all", sum.inputs, sum.agree, sum.listed, sum.inputs - sum.agree - sum.listed, good ? "reached" : "!");
            for (const [name, count] of [...listings].sort((a, b) => b[1] - a[1]))
                lines.push(`  listed ${String(count).padStart(8)}  ${name}`);
            if (classes.size === 0) lines.push("  no input was compared");
            return { text: lines.join("\n"), good };
        },
    };
}
