import { answer, parseExact } from "./gateway/render.mjs";
import { writeJson } from "./json.mjs";

/** The control door of a running sandbox: `?platform=` says whose (default alimama, which was here first). */
export function createControl(platforms) {
    const send = (status, value) => answer(status, "application/json", writeJson(value));

    function platformOf(name) {
        if (!Object.hasOwn(platforms, name))
            throw new TypeError(`unknown platform ${name}; one of ${Object.keys(platforms).join(", ")}`);
        return platforms[name];
    }

    return ({ httpMethod, path, query, body }, clock) => {
        try {
            const asked = new URLSearchParams(query).get("platform") ?? "alimama";
            const platform = platformOf(asked);
            const scripted = (one, name) => {
                if (!one.faults) throw new TypeError(`${name} has no faults: it only calls`);
                return one.faults;
            };
            switch (`${httpMethod} ${path}`) {
                case "GET /_sandbox/state":
                    return send(200, platform.state(clock));
                case "GET /_sandbox/truth":
                    return send(200, Object.fromEntries(platform.truth()));
                case "GET /_sandbox/config":
                    return send(200, platform.config());
                case "POST /_sandbox/faults": {
                    for (const { platform: name = asked, ...entry } of [JSON.parse(body)].flat())
                        scripted(platformOf(name), name).push(entry);
                    return send(200, { faults: scripted(platform, asked).pending() });
                }
                case "DELETE /_sandbox/faults":
                    scripted(platform, asked).clear();
                    return send(200, { faults: [] });
                case "POST /_sandbox/leads": {
                    if (!platform.change) throw new TypeError(`${asked} takes no rows this way`);
                    return send(200, { ids: platform.change(parseExact(body.toString()), clock) });
                }
                default:
                    return send(404, { error: `no ${httpMethod} ${path}` });
            }
        } catch (error) {
            return send(400, { error: error.message });
        }
    };
}
