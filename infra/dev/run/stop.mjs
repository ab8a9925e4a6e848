/** An end that a person is told of: no stack. */
export class Stop extends Error {
    constructor(message, status = 1) {
        super(message);
        this.status = status;
    }
}
