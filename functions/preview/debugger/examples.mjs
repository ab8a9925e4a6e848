// One request of each kind to begin with: fake keys, and one usual mistake in some, so that there is something to see.
export const EXAMPLE_SECRET = "fake-secret-for-trying";

export const EXAMPLES = {
    top: `curl 'https://eco.taobao.com/router/rest?app_key=12345678&format=json&method=taobao.mama.crm.lead.list&session=fake-session&sign_method=hmac-sha256&timestamp=2026-01-05+10%3A30%3A00&v=2.0&sign=0000000000000000000000000000000000000000000000000000000000000000' \\
  -H 'Content-Type: application/x-www-form-urlencoded;charset=UTF-8' \\
  -d 'lead_external_query_dto=%7B%22offset%22%3A1231%2C%22page_size%22%3A100%7D'`,
    qimen: `curl 'https://qimen.api.taobao.com/router/qm?app_key=12345678&format=json&method=qimen.tmall.alihouse.newhome.clue.backflow&sign_method=md5&target_app_key=23558957&timestamp=2026-01-05+10%3A30%3A00&v=2.0&sign=00000000000000000000000000000000' \\
  -H 'Content-Type: application/json;charset=utf-8' \\
  --data-raw '{"page":1,"page_size":50}'`,
    spi: `POST /spi/tmall?app_key=12345678&target_appkey=12345678&format=json&sign_method=md5&timestamp=2026-01-05+10%3A30%3A00&sign=00000000000000000000000000000000 HTTP/1.1
Host: bridge.example
Content-Type: application/json;charset=UTF-8

{"leads_id":"1","phone":"13800000000"}`,
    tanma: `curl 'https://account.tanmarket.cn/apiServer/api/v3/clue/list-by-create-time-asc' \\
  -H 'appId: wwdemo0000000000_AbCdEf' -H 'timestamp: 1767580200000' \\
  -H 'sign: 0000000000000000000000000000000000000000000000000000000000000000' \\
  --json '{"pageSize":100}'`,
    tanma_push: `POST /push/tanma HTTP/1.1
Host: bridge.example
Content-Type: text/plain;charset=UTF-8
appId: wwdemo0000000000_AbCdEf
version: 1
timestamp: 1767580200000
sign: 0000000000000000000000000000000000000000000000000000000000000000

AAAAAAAAAAAAAAAAAAAAAA==`,
};

const TOP_PARAMS = (method, rest) =>
    `method=${method}\napp_key=12345678\nsession=\ntimestamp={now}\nformat=json\nv=2.0\nsign_method=hmac-sha256\n${rest}`;

export const DRAFTS = {
    top: {
        url: "https://eco.taobao.com/router/rest",
        params: TOP_PARAMS("taobao.mama.crm.lead.list", 'lead_external_query_dto={"offset":1231,"page_size":100}'),
        body: "",
    },
    qimen: {
        url: "https://qimen.api.taobao.com/router/qm",
        params: TOP_PARAMS(
            "qimen.tmall.alihouse.newhome.clue.backflow",
            "target_app_key=23558957\ndata_type=4\npage=1\npage_size=50",
        ),
        body: "",
    },
    spi: {
        url: "https://bridge.example/spi/tmall",
        params: "method=fake.spi\napp_key=12345678\ntarget_appkey=12345678\nformat=json\nsign_method=md5\ntimestamp={now}",
        body: '{"leads_id":"1","phone":"13800000000"}',
        bodyType: "application/json;charset=UTF-8",
    },
    tanma: {
        url: "https://account.tanmarket.cn/apiServer/api/v3/clue/list-by-create-time-asc",
        params: "appId=wwdemo0000000000_AbCdEf\ntimestamp={ms}",
        body: '{"pageSize":100}',
    },
    tanma_push: {
        url: "https://bridge.example/push/tanma",
        params: "appId=wwdemo0000000000_AbCdEf\nversion=1\ntimestamp={ms}",
        body: "",
    },
};
