import { LEAD_LIST } from './alimama/lead_list.mjs';
import { signTop } from './gateway/sign.mjs';
import { formatGmt8 } from './gateway/time.mjs';
import { parseExact } from './gateway/render.mjs';

/**
 * A well-formed signed call to the lead list, as the official client sends it: public parameters in the query, the rest as a form.
 * @param {object} credentials app_key, app_secret, session (a sandbox's `options` will do)
 * @param {object|string} query lead_external_query_dto; ids as text or BigInt
 * @param {{nowMs: number, params?: object, sign?: string}} more params override public ones; undefined leaves one out
 */
export function leadListRequest(credentials, query, { nowMs, params = {}, sign } = {}) {
  const publicParams = {
    method: LEAD_LIST, app_key: credentials.app_key, session: credentials.session, timestamp: formatGmt8(nowMs),
    v: '2.0', sign_method: 'hmac-sha256', format: 'json', ...params,
  };
  for (const name of Object.keys(publicParams)) if (publicParams[name] === undefined) delete publicParams[name];
  const business = { lead_external_query_dto: typeof query === 'string' ? query : queryText(query) };
  const all = Object.entries({ ...publicParams, ...business });
  publicParams.sign = sign ?? signTop(all, null, credentials.app_secret, publicParams.sign_method);
  return {
    method: 'POST',
    url: `/router/rest?${new URLSearchParams(publicParams)}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
    body: new URLSearchParams(business).toString(),
  };
}

function queryText(query) {
  const members = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  return `{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`;
}

/** The leads of a JSON answer, ids as BigInt. */
export const leadsOf = (answer) => parseExact(answer.body.toString()).mama_crm_lead_list_response.result_data?.result ?? [];
export const errorOf = (answer) => JSON.parse(answer.body).error_response;
