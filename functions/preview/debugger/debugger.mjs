export function mount(element) { return {}; }
