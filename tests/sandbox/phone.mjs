/** A fake phone in one of the shapes that really occur; most are plain mobiles with 0000 in the middle. */
export function inventPhone(random, dirtyShare) {
    const prefix = random.pick(["13", "15", "18"]) + random.pick([..."0125689"]);
    const tail = random.digits(4);
    const mobile = `${prefix}0000${tail}`;
    if (!random.chance(dirtyShare)) return mobile;
    return random.pick([
        `0571-0000${tail}`,
        `0210000${tail}`,
        `400000${tail}`,
        `400-000-${tail}`,
        `0571-0000${tail}转80${tail[0]}`,
        `021-0000${tail}-12`,
        `0100000${tail}分机8${tail[1]}`,
        `${mobile}-1${tail.slice(1)}`,
        `${mobile}转${tail}`,
        `70010000000${tail}`,
        ` +86 ${prefix} 0000 ${tail}`,
        `0086-${mobile}`,
        `手机:${mobile}`,
        `${mobile}/0571-0000${tail}`,
        [...mobile].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join(""),
        "145678388",
        `${prefix}****${tail}`,
    ]);
}
