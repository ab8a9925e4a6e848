import { spiCall } from "./spi.mjs";

export const CLUE_BACKFLOW = "qimen.tmall.alihouse.newhome.clue.backflow";

/** The sample request of the page. filter and appid are texts of two quotation marks, as printed there. */
export const SAMPLE_QUERY = { filter: '""', appid: '""', dataType: 4, queryTime: "1640933570", page: 1 };

/** The platform asks the provider for one page of ETC clue rows (seed 000). Options as spiCall. */
export const etcQuery = (query, options) =>
    spiCall({ ...SAMPLE_QUERY, ...query }, { path: "/spi/etc", method: CLUE_BACKFLOW, ...options });

/** The page's answer to a bad signature; status may be anything but 1. */
export const ETC_BAD_SIGN = /^\{"qmMessage":"Illegal request","qmCode":"sign-check-failure","status":"(?!1")[^"]*"\}$/;
