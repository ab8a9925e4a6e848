// What the event `doors` says about bodies, before one is read (docs/events.md).

/**
 * @param {{path: string, methods: string[], most_bytes: number, token: boolean}[]} doors
 * @param {{method: string, path: string, headers: [string, string][]}} request
 * @returns {number} the most bytes to read; 0 = none
 */
export function takesBody(doors, { method, path, headers }) {
    const door = doors.find((each) => each.path === path && each.methods.includes(method));
    if (!door) return 0;
    const authorized = headers.some(([name]) => name.toLowerCase() === "authorization");
    return door.token && !authorized ? 0 : door.most_bytes;
}
