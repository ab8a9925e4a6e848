export function mount() { return {}; }
