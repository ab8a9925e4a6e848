const EIGHT_HOURS = 8 * 3600 * 1000;
export const TIMESTAMP_WINDOW_MS = 10 * 60 * 1000;

/** Epoch ms -> `yyyy-MM-dd HH:mm:ss` in GMT+8, whatever the zone of this machine. */
export function formatGmt8(ms) {
    return new Date(ms + EIGHT_HOURS).toISOString().slice(0, 19).replace("T", " ");
}

/** GMT+8 text or epoch milliseconds as text -> epoch ms, or null when it is neither. */
export function parseTimestamp(text) {
    if (/^\d{13}$/.test(text)) return Number(text);
    if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return null;
    const ms = Date.parse(`${text.replace(" ", "T")}Z`) - EIGHT_HOURS;
    return Number.isFinite(ms) && formatGmt8(ms) === text ? ms : null;
}
