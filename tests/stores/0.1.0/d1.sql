CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
    key TEXT PRIMARY KEY,
    version INTEGER NOT NULL CONSTRAINT checkpoint_conflict CHECK (version > 0),
    value TEXT NOT NULL
) STRICT;

CREATE TABLE leads (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    platform TEXT NOT NULL,
    account TEXT NOT NULL,
    lead_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    sort_at INTEGER NOT NULL,      -- UTC milliseconds, as every *_at
    person_key TEXT,
    expires_at INTEGER,
    doc TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    first_commit TEXT NOT NULL,    -- the commit that inserted it
    last_commit TEXT NOT NULL      -- the commit that inserted or last replaced it
) STRICT;

CREATE TABLE lead_counts (
    source TEXT PRIMARY KEY,
    leads INTEGER NOT NULL,
    unread INTEGER NOT NULL        -- revision 0: the phone could not be read yet
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    queue TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    payload TEXT NOT NULL,
    lead TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    lease TEXT,
    lease_until INTEGER,
    reason TEXT NOT NULL DEFAULT '',
    dead_at INTEGER
) STRICT;

CREATE TABLE marks (key TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

CREATE TABLE raw (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    expires_at INTEGER,
    content_type TEXT NOT NULL,
    body_base64 TEXT NOT NULL
) STRICT;

CREATE TABLE set_rows (
    set_name TEXT NOT NULL,
    id TEXT NOT NULL,
    at INTEGER NOT NULL,
    expires_at INTEGER,
    updated_at INTEGER NOT NULL,
    first_commit TEXT NOT NULL,
    last_commit TEXT NOT NULL,
    doc TEXT NOT NULL,
    PRIMARY KEY (set_name, id)
) STRICT;

CREATE TABLE set_counts (
    set_name TEXT PRIMARY KEY,
    row_count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO meta (key, value) VALUES ('schema_version', 2);

INSERT INTO checkpoints (key, version, value) VALUES ('pull/ads', 7, '{"covered":[[222035,222039,222042],[222005,222011,222017]],"last_error":{"at":1795140180000,"code":"throttled","reason":"the platform limits this app''s calls for 1800 more seconds; the bridge waits by itself (code 7, accesscontrol.limited-by-app-access-count: This ban will last for 1800 more seconds)"},"last_run":{"at":1795140180000,"inserted":0,"outcome":"parked","pages":0,"unread":0,"updated":0},"order":"desc","parked_until":1795141980000,"recent":[[222039,1795140120000],[222041,1795140120000],[222042,1795140120000]],"stored":10,"v":1}');

INSERT INTO checkpoints (key, version, value) VALUES ('pull/etc_in', 2, '{"closed_until":1795140252000,"from":1795104000000,"kind":"window","last_run":{"at":1795140252000,"inserted":4,"outcome":"ok","pages":2,"unread":0,"updated":0},"v":1}');

INSERT INTO checkpoints (key, version, value) VALUES ('pull/scrm', 3, '{"closed_until":1795053840000,"drift":{"salesId":1},"from":1795053840000,"kind":"window","last_run":{"at":1795140240000,"inserted":6,"outcome":"budget","pages":2,"unread":0,"updated":0},"open":{"before":1795140240000,"cursor":"AAAAAGr/mzYAAAAAAAAAAAAAAAAAAAoD","pages":2,"rows":"2c799404bae38218cf2aa683dc51386d","since":1795053840000,"trail_cursor":"AAAAAGr/mzYAAAAAAAAAAAAAAAAAAAoD","trail_distance":0,"trail_limit":2,"trail_rows":"2c799404bae38218cf2aa683dc51386d"},"v":1}');

INSERT INTO checkpoints (key, version, value) VALUES ('stats/stats', 1, '{"newest":{"2/1/2026-11-19":{"at":1795140342000,"id":"stats/2/1/2026-11-19/a9ce0738ddf6fedb~2"},"2/3/2026-11-19":{"at":1795140342000,"id":"stats/2/3/2026-11-19/2eef2f16592adf90~1"}},"turn":2,"v":1}');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('alimama:999999999:222005', 'ads', 'alimama', '999999999', '222005', 1795136040000, 0, 1795136038000, NULL, NULL, '{"answers":[],"channel":{"raw":"万相台"},"extra":{"seller_nick":"XX****旗舰店"},"id":"alimama:999999999:222005","is_test":false,"kind":"person","page":{"id":"5331207","name":"到店有礼"},"person":{"name":"黄女士"},"phones":[{"class":"encrypted","masked":"******","raw":"mz+kMUJujpFPahfK9/6zOjF1QEh+MzLyRXlnyBZhv6d7OTPsPDJzMOBYu/6hO4TuDYMYAB6sF0rx8kN/0cseOQg6jJ0dWFAY5eTRX/jOl3EDWAdHRJytgRMz9o3Z+DBtBl4JtsFmtZuBciUdPmRPQ8Lk8Nhe1J1/UKFToQ6lEps=","valid":false}],"region":{"city":"大连市","codes":[{"code":"210202","level":"location","system":"gb2260"}],"district":"中山区","province":"辽宁省","source_text":"辽宁省大连市中山区"},"source":{"account":"999999999","lead_id":"222005","name":"ads","platform":"alimama","received_at":"2026-11-20T02:01:00.000Z","version":"1795136040000"},"store":{"name":"测试店铺名"},"times":{"created":{"raw":"1795136040000","utc":"2026-11-20T00:54:00.000Z"},"modified":{"raw":"1795136040000","utc":"2026-11-20T00:54:00.000Z"},"submitted":{"raw":"2026-11-20 08:53:58","utc":"2026-11-20T00:53:58.000Z"}},"v":1}', 1795140060000, 1795140060000, 'bb660fda0a2245f0', 'bb660fda0a2245f0');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('alimama:999999999:222007', 'ads', 'alimama', '999999999', '222007', 1795136130000, 0, 1795136128000, NULL, NULL, '{"answers":[{"code":"remark","label":"备注","value":"<3万&包安装>"}],"channel":{"raw":"超级直播"},"extra":{"seller_nick":"XX****旗舰店"},"id":"alimama:999999999:222007","is_test":false,"kind":"person","page":{"id":"5314456","name":"新半价2"},"person":{"name":"**伟"},"phones":[{"class":"encrypted","masked":"******","raw":"drA43nu+87Utv+bMqEDuVbhYAqaoOqzuqO6XUjAnLTnyjPpqwdotkWiCqWTzvt7LJ3t7W6a5wGvWuuS9bM2avhDMByPv5jgsLbgREo4t6pa9P6t3E6RodMOgbVUjYAExRDPH0XAb4L7+rllBF5FxjpihoDsP18y8mHh4vkvvAUk=","valid":false}],"region":{"city":"成都市","codes":[{"code":"510107","level":"location","system":"gb2260"}],"district":"武侯区","province":"四川省","source_text":"四川省成都市武侯区"},"source":{"account":"999999999","lead_id":"222007","name":"ads","platform":"alimama","received_at":"2026-11-20T02:01:00.000Z","version":"1795136130000"},"store":{"name":"测试店铺名"},"times":{"created":{"raw":"1795136130000","utc":"2026-11-20T00:55:30.000Z"},"modified":{"raw":"1795136130000","utc":"2026-11-20T00:55:30.000Z"},"submitted":{"raw":"2026-11-20 08:55:28","utc":"2026-11-20T00:55:28.000Z"}},"v":1}', 1795140060000, 1795140060000, 'bb660fda0a2245f0', 'bb660fda0a2245f0');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('alimama:999999999:222011', 'ads', 'alimama', '999999999', '222011', 1795136220000, 0, 1795136219000, NULL, NULL, '{"answers":[{"code":"sex","label":"性别","value":"男"},{"code":"budget","label":"预算","value":"5-10万"}],"channel":{"raw":"万相台"},"extra":{"seller_nick":"XX****旗舰店"},"id":"alimama:999999999:222011","is_test":false,"kind":"person","page":{"id":"5314456","name":"新半价2"},"person":{"gender":{"label":"male","raw":"男"},"name":"赵**"},"phones":[{"class":"encrypted","masked":"******","raw":"KxxYV6Dnt0c1/1bJ/X/2HUsjDJI31El0eUOO0MtQGtr2boy905AW8ZCCocKpJMZv2Np2TIwXzKPPEOgIU8I9OGfiue0sgqsdbzSxvQ83JbdLrYlQZ/Vlcp5RiCoH+YrHefWi5oBuD58mL/OZij5igs3klb9wral4EoZIl6gsUWU=","valid":false}],"region":{"city":"乌鲁木齐市","codes":[{"code":"650102","level":"location","system":"gb2260"}],"district":"天山区","province":"新疆维吾尔自治区","source_text":"新疆维吾尔自治区乌鲁木齐市天山区"},"source":{"account":"999999999","lead_id":"222011","name":"ads","platform":"alimama","received_at":"2026-11-20T02:01:00.000Z","version":"1795136220000"},"store":{"name":"测试店铺名"},"times":{"created":{"raw":"1795136220000","utc":"2026-11-20T00:57:00.000Z"},"modified":{"raw":"1795136220000","utc":"2026-11-20T00:57:00.000Z"},"submitted":{"raw":"2026-11-20 08:56:59","utc":"2026-11-20T00:56:59.000Z"}},"v":1}', 1795140060000, 1795140060000, '5914cc4c5041448c', '5914cc4c5041448c');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('alimama:999999999:222012', 'ads', 'alimama', '999999999', '222012', 1795136310000, 0, 1795136308000, NULL, NULL, '{"answers":[{"code":"time","label":"期望时间","value":"1个月内"}],"channel":{"raw":"直通车"},"extra":{"seller_nick":"XX****旗舰店"},"id":"alimama:999999999:222012","is_test":false,"kind":"person","page":{"id":"5314470","name":"0元设计"},"person":{"name":"周女士"},"phones":[{"class":"encrypted","masked":"******","raw":"lUcK1GnEcjG5pEOeRNstX1ciLlXIRhTiKAE88mGaQ0qvDc6O4766MZip1qc8LrEKDX7FQTJYM0MD3AxZNJc0fu7jO58iv3p0ZGNYtOfYScADJp7u0a7lUauWFwLQC5DRJ4bo3DvFprICoKY46/ioVMIf9xcpU7E9HnQU7L1AQJM=","valid":false}],"region":{"city":"xx市","codes":[{"code":"111","level":"location","system":"source"}],"district":"xx县","province":"xx省","source_text":"xx省xx市xx县"},"source":{"account":"999999999","lead_id":"222012","name":"ads","platform":"alimama","received_at":"2026-11-20T02:01:00.000Z","version":"1795136310000"},"store":{"name":"测试店铺名"},"times":{"created":{"raw":"1795136310000","utc":"2026-11-20T00:58:30.000Z"},"modified":{"raw":"1795136310000","utc":"2026-11-20T00:58:30.000Z"},"submitted":{"raw":"2026-11-20 08:58:28","utc":"2026-11-20T00:58:28.000Z"}},"v":1}', 1795140060000, 1795140060000, '5914cc4c5041448c', '5914cc4c5041448c');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('alimama:999999999:222017', 'ads', 'alimama', '999999999', '222017', 1795136400000, 0, 1795136399000, NULL, NULL, '{"answers":[{"code":"time","label":"期望时间","value":"3个月内"},{"code":"remark","label":"备注","value":"]]>"}],"channel":{"raw":"万相台"},"extra":{"seller_nick":"XX****旗舰店"},"id":"alimama:999999999:222017","is_test":false,"kind":"person","page":{"id":"5331207","name":"到店有礼"},"person":{"name":"王女士"},"phones":[{"class":"encrypted","masked":"******","raw":"d2U/pSOvKlgTNgOCtxvGsAj27UmiFdIbTzfKE8O3KewIEOaSUOSg24RMsjmsQ9eSpu4r1cR+QbHEfpJ5/0WfxfhxvR0wqkwnNAKN+EjeRJU86iM9QoioNzTwB+ozKsL2vBvStofdTO9CjPm00m2cJxkaimzL8zc7ukLS0fEFJ58=","valid":false}],"region":{"city":"xx市","codes":[{"code":"111","level":"location","system":"source"}],"district":"xx县","province":"xx省","source_text":"xx省xx市xx县"},"source":{"account":"999999999","lead_id":"222017","name":"ads","platform":"alimama","received_at":"2026-11-20T02:01:00.000Z","version":"1795136400000"},"store":{"name":"测试店铺名"},"times":{"created":{"raw":"1795136400000","utc":"2026-11-20T01:00:00.000Z"},"modified":{"raw":"1795136400000","utc":"2026-11-20T01:00:00.000Z"},"submitted":{"raw":"2026-11-20 08:59:59","utc":"2026-11-20T00:59:59.000Z"}},"v":1}', 1795140060000, 1795140060000, '5914cc4c5041448c', '5914cc4c5041448c');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('alimama:999999999:222035', 'ads', 'alimama', '999999999', '222035', 1795140120000, 1, 1795140118000, '6e0db955f6e93098ea79cd6de89286c439603ec56720ac39ae65384965067496', NULL, '{"answers":[{"code":"budget","label":"预算","value":"10-20万"},{"code":"time","label":"期望时间","value":"1个月内"}],"channel":{"raw":"直通车"},"extra":{"seller_nick":"XX****旗舰店"},"id":"alimama:999999999:222035","is_test":false,"kind":"person","page":{"id":"5314470","name":"0元设计"},"person":{"name":"*强"},"person_key":"6e0db955f6e93098ea79cd6de89286c439603ec56720ac39ae65384965067496","phones":[{"class":"mobile","hmac":"6e0db955f6e93098ea79cd6de89286c439603ec56720ac39ae65384965067496","masked":"181****4776","sealed":"v1.c7223847.BBqmee2OmZMUD7I11/O03TkG+tXixJqhu0bngdqR2h0xHEqm8ygfN2aM0UnNTdO9Ebc0NmiGMUvDPrR8kHzfNyuu3vCJM+dZRw==","valid":true}],"region":{"city":"西安市","codes":[{"code":"610113","level":"location","system":"gb2260"}],"district":"雁塔区","province":"陕西省","source_text":"陕西省西安市雁塔区"},"source":{"account":"999999999","lead_id":"222035","name":"ads","platform":"alimama","received_at":"2026-11-20T02:02:00.000Z","version":"1795140120000"},"store":{"name":"测试店铺名"},"times":{"created":{"raw":"1795140120000","utc":"2026-11-20T02:02:00.000Z"},"modified":{"raw":"1795140120000","utc":"2026-11-20T02:02:00.000Z"},"submitted":{"raw":"2026-11-20 10:01:58","utc":"2026-11-20T02:01:58.000Z"}},"v":1}', 1795140120000, 1795140120000, 'f5d3e65dfbdda1fb', 'f5d3e65dfbdda1fb');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('alimama:999999999:222036', 'ads', 'alimama', '999999999', '222036', 1795140120000, 1, 1795140118000, 'fe165b28c5153650bee63607f74ec811a757b96b29021c07952fdcc981db19fd', NULL, '{"answers":[],"channel":{"raw":"直通车"},"extra":{"seller_nick":"XX****旗舰店"},"id":"alimama:999999999:222036","is_test":false,"kind":"person","page":{"id":"5331207","name":"到店有礼"},"person":{"name":"*磊"},"person_key":"fe165b28c5153650bee63607f74ec811a757b96b29021c07952fdcc981db19fd","phones":[{"class":"mobile","hmac":"fe165b28c5153650bee63607f74ec811a757b96b29021c07952fdcc981db19fd","masked":"156****2192","sealed":"v1.c7223847.k29/RaWdM22E/ELBWyDGXlK//ab1N6pJkjheCgpARUwPPUd1B+wQy66zl3XaE6f3IZw83GD6zzcU7TKmEAVs8/aaTOLUjtszFg==","valid":true}],"region":{"city":"北京市","codes":[{"code":"110105","level":"location","system":"gb2260"}],"district":"朝阳区","province":"北京市","source_text":"北京市朝阳区"},"source":{"account":"999999999","lead_id":"222036","name":"ads","platform":"alimama","received_at":"2026-11-20T02:02:00.000Z","version":"1795140120000"},"store":{"name":"测试店铺名"},"times":{"created":{"raw":"1795140120000","utc":"2026-11-20T02:02:00.000Z"},"modified":{"raw":"1795140120000","utc":"2026-11-20T02:02:00.000Z"},"submitted":{"raw":"2026-11-20 10:01:58","utc":"2026-11-20T02:01:58.000Z"}},"v":1}', 1795140120000, 1795140120000, 'f5d3e65dfbdda1fb', 'f5d3e65dfbdda1fb');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('alimama:999999999:222039', 'ads', 'alimama', '999999999', '222039', 1795140120000, 1, 1795140117000, '133b47da9b45ee232964e590aff93f42d8024dc6adb1057d13c444d1c3cdf210', NULL, '{"answers":[{"code":"sex","label":"性别","value":"男"},{"code":"time","label":"期望时间","value":"1个月内"}],"channel":{"raw":"品销宝"},"extra":{"seller_nick":"XX****旗舰店"},"id":"alimama:999999999:222039","is_test":false,"kind":"person","page":{"id":"5314456","name":"新半价2"},"person":{"gender":{"label":"male","raw":"男"},"name":"**四"},"person_key":"133b47da9b45ee232964e590aff93f42d8024dc6adb1057d13c444d1c3cdf210","phones":[{"class":"mobile","hmac":"133b47da9b45ee232964e590aff93f42d8024dc6adb1057d13c444d1c3cdf210","masked":"182****5194","sealed":"v1.c7223847./TCATa+aBLTp/A8SSF/v+8YC68VOOwJ6TKibsRYXos0dVnaExYV1SRYE2Wkl0+DCtOY0TQPgAZjwe1QEfOKOHevtxzeOKA90fA==","valid":true}],"region":{"city":"宁波市","codes":[{"code":"330212","level":"location","system":"gb2260"}],"district":"鄞州区","province":"浙江省","source_text":"浙江省宁波市鄞州区"},"source":{"account":"999999999","lead_id":"222039","name":"ads","platform":"alimama","received_at":"2026-11-20T02:02:00.000Z","version":"1795140120000"},"store":{"name":"测试店铺名"},"times":{"created":{"raw":"1795140120000","utc":"2026-11-20T02:02:00.000Z"},"modified":{"raw":"1795140120000","utc":"2026-11-20T02:02:00.000Z"},"submitted":{"raw":"2026-11-20 10:01:57","utc":"2026-11-20T02:01:57.000Z"}},"v":1}', 1795140120000, 1795140120000, 'f798ef42dc16ea40', 'f798ef42dc16ea40');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('alimama:999999999:222041', 'ads', 'alimama', '999999999', '222041', 1795140120000, 1, 1795140117000, NULL, NULL, '{"answers":[],"channel":{"raw":"万相台"},"extra":{"seller_nick":"XX****旗舰店"},"id":"alimama:999999999:222041","is_test":false,"kind":"person","page":{"id":"5320018","name":"预约量房"},"person":{"name":"周女士"},"phones":[{"class":"service","masked":"400****650","sealed":"v1.c7223847.f4xFRYpr5tMSCelODUoCjg6IeC5nhnMndNJPEeqlkMEWJPrRHgUhNYDuk9Wd6p81crc=","valid":true}],"region":{"city":"乌鲁木齐市","codes":[{"code":"650102","level":"location","system":"gb2260"}],"district":"天山区","province":"新疆维吾尔自治区","source_text":"新疆维吾尔自治区乌鲁木齐市天山区"},"source":{"account":"999999999","lead_id":"222041","name":"ads","platform":"alimama","received_at":"2026-11-20T02:02:00.000Z","version":"1795140120000"},"store":{"name":"测试店铺名"},"times":{"created":{"raw":"1795140120000","utc":"2026-11-20T02:02:00.000Z"},"modified":{"raw":"1795140120000","utc":"2026-11-20T02:02:00.000Z"},"submitted":{"raw":"2026-11-20 10:01:57","utc":"2026-11-20T02:01:57.000Z"}},"v":1}', 1795140120000, 1795140120000, 'f798ef42dc16ea40', 'f798ef42dc16ea40');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('alimama:999999999:222042', 'ads', 'alimama', '999999999', '222042', 1795140120000, 1, 1795140119000, '61e2c65bd2e39eb0b917fd927e4bd1a0f853dc613d9426d26443429cf0d00128', NULL, '{"answers":[],"channel":{"raw":"万相台"},"extra":{"seller_nick":"XX****旗舰店"},"id":"alimama:999999999:222042","is_test":false,"kind":"person","page":{"id":"5331207","name":"到店有礼"},"person":{"name":"徐**"},"person_key":"61e2c65bd2e39eb0b917fd927e4bd1a0f853dc613d9426d26443429cf0d00128","phones":[{"class":"mobile","hmac":"61e2c65bd2e39eb0b917fd927e4bd1a0f853dc613d9426d26443429cf0d00128","masked":"150****6624","sealed":"v1.c7223847.SD6Pe+Fjc96KdcIFYLaY1ZBMR0krLGc/Hdc1rFSX12uZPUprSpRggNoTARiQq51fqwqhw+pMwo2NJtI80DnU7uI5wWdhk7OLdQ==","valid":true}],"region":{"city":"苏州市","codes":[{"code":"320583","level":"location","system":"gb2260"}],"district":"昆山市","province":"江苏省","source_text":"江苏省苏州市昆山市"},"source":{"account":"999999999","lead_id":"222042","name":"ads","platform":"alimama","received_at":"2026-11-20T02:02:00.000Z","version":"1795140120000"},"store":{"name":"测试店铺名"},"times":{"created":{"raw":"1795140120000","utc":"2026-11-20T02:02:00.000Z"},"modified":{"raw":"1795140120000","utc":"2026-11-20T02:02:00.000Z"},"submitted":{"raw":"2026-11-20 10:01:59","utc":"2026-11-20T02:01:59.000Z"}},"v":1}', 1795140120000, 1795140120000, 'f798ef42dc16ea40', 'f798ef42dc16ea40');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('etc:fake-partner:215', 'etc_in', 'etc', 'fake-partner', '215', 1795136130000, 1, 1795136130000, NULL, NULL, '{"answers":[],"extra":{"distribute_did":95132,"first_push_time":1787532930,"last_order_time":0,"order_time_lag":0,"worktable_count":1,"z_role":2},"id":"etc:fake-partner:215","intent":{"area":{"raw":"80-100"},"budget":{"raw":"200-300万"},"city":{"raw":"上海"},"district":{"raw":"浦东新区"},"house_city":{"raw":"shanghai"},"house_id":{"raw":"30860"},"house_num":{"raw":"1"},"house_type":{"raw":"两室一厅"},"level":{"raw":"A"},"purpose":{"raw":"投资"}},"is_test":false,"kind":"person","owner":{"id":"1007","name":"吴磊","phones":[{"class":"mobile","hmac":"cd2e6394f8dde0d78c90f358e14605c1b12691541b017aa38ab37f896d1d3fd0","masked":"188****8988","sealed":"v1.c7223847.K20SedOobBN7JXspXS7inDiCporEgS2VIqHQZTOFleYmGcqJm7YC4NUfU/JNoxCeuIGu+1lJqtllb2Z6seCgakcy+dXSa8AsJg==","valid":true}]},"person":{"open_ids":[{"system":"etc_cid","value":"132031"}]},"phones":[],"source":{"account":"fake-partner","lead_id":"215","name":"etc_in","platform":"etc","received_at":"2026-11-20T02:04:12.000Z","version":"1795136130000"},"status":{"raw":"2"},"times":{"created":{"raw":"2026-11-20 08:55:30","utc":"2026-11-20T00:55:30.000Z"}},"v":1}', 1795140252000, 1795140252000, '719dec621b1303f8', '719dec621b1303f8');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('etc:fake-partner:239', 'etc_in', 'etc', 'fake-partner', '239', 1795136220000, 1, 1795136220000, NULL, NULL, '{"answers":[],"extra":{"distribute_did":94014,"first_push_time":1792198620,"last_order_time":0,"order_time_lag":0,"worktable_count":4,"z_role":2},"id":"etc:fake-partner:239","intent":{"area":{"raw":"100-120㎡"},"budget":{"raw":"200-300万"},"city":{"raw":"杭州"},"district":{"raw":"余杭区"},"house_city":{"raw":"hangzhou"},"house_id":{"raw":"30236"},"house_num":{"raw":"2套"},"house_type":{"raw":"三室两厅"},"level":{"raw":"C"},"payment_capacity":{"raw":"1"},"purpose":{"raw":"自住"}},"is_test":false,"kind":"person","owner":{"id":"1092","name":"陈三","phones":[{"class":"mobile","hmac":"e16ea1beacb8c47695d2a3ccff3307c64a0a7c5605245a10322b546b74a79647","masked":"138****2389","sealed":"v1.c7223847.RobXhDlN4elliPoOcW/iU3FOAm+dCi6noeMqm7XZ6KNVF6KRn4z1w4ttanZS+hOV9UhZXn3IyfgcpzhF4wC4NCv/6GsWcl7aIw==","valid":true}]},"person":{"open_ids":[{"system":"etc_cid","value":"156119"}]},"phones":[],"source":{"account":"fake-partner","lead_id":"239","name":"etc_in","platform":"etc","received_at":"2026-11-20T02:04:12.000Z","version":"1795136220000"},"status":{"raw":"2"},"times":{"created":{"raw":"2026-11-20 08:57:00","utc":"2026-11-20T00:57:00.000Z"}},"v":1}', 1795140252000, 1795140252000, '719dec621b1303f8', '719dec621b1303f8');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('etc:fake-partner:263', 'etc_in', 'etc', 'fake-partner', '263', 1795136310000, 1, 1795136310000, NULL, NULL, '{"answers":[],"extra":{"distribute_did":95831,"first_push_time":1788310710,"last_order_time":0,"order_time_lag":0,"worktable_count":2,"z_role":1},"id":"etc:fake-partner:263","is_test":false,"kind":"person","person":{"open_ids":[{"system":"etc_cid","value":"106045"}]},"phones":[],"source":{"account":"fake-partner","lead_id":"263","name":"etc_in","platform":"etc","received_at":"2026-11-20T02:04:12.000Z","version":"1795136310000"},"status":{"raw":"1"},"times":{"created":{"raw":"2026-11-20 08:58:30","utc":"2026-11-20T00:58:30.000Z"}},"v":1}', 1795140252000, 1795140252000, '719dec621b1303f8', '719dec621b1303f8');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('etc:fake-partner:287', 'etc_in', 'etc', 'fake-partner', '287', 1795136400000, 1, 1795136400000, NULL, NULL, '{"answers":[],"extra":{"distribute_did":95982,"first_push_time":1792371600,"last_order_time":0,"order_time_lag":0,"worktable_count":2,"z_role":2},"id":"etc:fake-partner:287","is_test":false,"kind":"person","person":{"open_ids":[{"system":"etc_cid","value":"155258"}]},"phones":[],"source":{"account":"fake-partner","lead_id":"287","name":"etc_in","platform":"etc","received_at":"2026-11-20T02:04:12.000Z","version":"1795136400000"},"status":{"raw":"0"},"times":{"created":{"raw":"2026-11-20 09:00:00","utc":"2026-11-20T01:00:00.000Z"}},"v":1}', 1795140252000, 1795140252000, '719dec621b1303f8', '719dec621b1303f8');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('tanma:wwdemo0000000000:410983945265344', 'scrm', 'tanma', 'wwdemo0000000000', '410983945265344', 1795135860000, 1, 1795135860000, '23adf067bfe689e739273aea92115d06d0455fdb09f2c31c26e288ace3a625f3', NULL, '{"answers":[],"channel":{"raw":"396823724189761"},"extra":{},"id":"tanma:wwdemo0000000000:410983945265344","intent":{"stage":{"raw":"396823724189760"}},"is_test":false,"kind":"person","person":{"gender":{"label":"male","raw":"1"},"name":"孙强"},"person_key":"23adf067bfe689e739273aea92115d06d0455fdb09f2c31c26e288ace3a625f3","phones":[{"class":"mobile","hmac":"23adf067bfe689e739273aea92115d06d0455fdb09f2c31c26e288ace3a625f3","masked":"152****0249","sealed":"v1.c7223847.zF099OIHbyPu8wbxQLraDffP3nP+/RjcdOK6utRP0g/YZC8g9gDP4YYuv+JeA47AZXcAZO20y+Wg/QT2IT9EjGIs0IFJAapfPg==","valid":true}],"region":{"city":"大连市","district":"中山区","province":"辽宁省","source_text":"辽宁省大连市中山区"},"source":{"account":"wwdemo0000000000","lead_id":"410983945265344","name":"scrm","platform":"tanma","received_at":"2026-11-20T02:04:00.000Z","version":"1795135860000"},"status":{"label":"待分配客户","raw":"false"},"times":{"created":{"raw":"2026-11-20 08:51:00","utc":"2026-11-20T00:51:00.000Z"},"modified":{"raw":"2026-11-20 08:51:00","utc":"2026-11-20T00:51:00.000Z"}},"v":1}', 1795140240000, 1795140240000, '82a8311e7049d5bb', '82a8311e7049d5bb');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('tanma:wwdemo0000000000:410983991701313', 'scrm', 'tanma', 'wwdemo0000000000', '410983991701313', 1795135950000, 1, 1795135950000, 'e75003ebe6308010710824ccb6df9490b5e84f4266aea7a37af9766a20b05427', NULL, '{"answers":[{"code":"budget","label":"","value":"120000.50"}],"extra":{},"id":"tanma:wwdemo0000000000:410983991701313","intent":{"purchase":{"raw":"2"}},"is_test":false,"kind":"person","person":{"gender":{"label":"other","raw":"0"}},"person_key":"e75003ebe6308010710824ccb6df9490b5e84f4266aea7a37af9766a20b05427","phones":[{"class":"mobile","hmac":"e75003ebe6308010710824ccb6df9490b5e84f4266aea7a37af9766a20b05427","masked":"185****2296","sealed":"v1.c7223847.9JpCGLE15zkISnhqxM93Tnr2bXtCNNER5vpaLQvHUNRNits8v7nwg5b72kzd/qowoJ0GD9elpm8GsorxWl6mDvDfsgL25eB9Jw==","valid":true}],"remark":"\"急\"","source":{"account":"wwdemo0000000000","lead_id":"410983991701313","name":"scrm","platform":"tanma","received_at":"2026-11-20T02:04:00.000Z","version":"1795135950000"},"status":{"label":"线索","raw":"true"},"times":{"created":{"raw":"2026-11-20 08:52:30","utc":"2026-11-20T00:52:30.000Z"},"modified":{"raw":"2026-11-20 08:52:30","utc":"2026-11-20T00:52:30.000Z"}},"v":1}', 1795140240000, 1795140240000, '82a8311e7049d5bb', '82a8311e7049d5bb');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('tanma:wwdemo0000000000:410984045885634', 'scrm', 'tanma', 'wwdemo0000000000', '410984045885634', 1795136040000, 1, 1795136040000, '0bbe85fc17d3b21344c12c9854ae430db444f376f5b5cd19ea21d71715aa49bb', NULL, '{"answers":[{"code":"needs","label":"","value":"[\"11\",\"13\"]"}],"extra":{},"id":"tanma:wwdemo0000000000:410984045885634","intent":{"stage":{"raw":"396823724189760"}},"is_test":false,"kind":"person","person":{"name":"刘艳"},"person_key":"0bbe85fc17d3b21344c12c9854ae430db444f376f5b5cd19ea21d71715aa49bb","phones":[{"class":"mobile","hmac":"0bbe85fc17d3b21344c12c9854ae430db444f376f5b5cd19ea21d71715aa49bb","masked":"186****9715","sealed":"v1.c7223847.IU7AJlM8L5cJvAz/M9i096PtAlD+ej7jjt3wgmqlAr/xPBouRbud3cIUUXlPj8+t+RpLt0e9Wh0dTQBgYdOT1JwOSGGM9/jTeA==","valid":true}],"remark":"<3万&包安装>","source":{"account":"wwdemo0000000000","lead_id":"410984045885634","name":"scrm","platform":"tanma","received_at":"2026-11-20T02:04:00.000Z","version":"1795136040000"},"status":{"label":"线索","raw":"true"},"times":{"created":{"raw":"2026-11-20 08:54:00","utc":"2026-11-20T00:54:00.000Z"},"modified":{"raw":"2026-11-20 08:54:00","utc":"2026-11-20T00:54:00.000Z"}},"v":1}', 1795140240000, 1795140240000, '82a8311e7049d5bb', '82a8311e7049d5bb');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('tanma:wwdemo0000000000:410984081568579', 'scrm', 'tanma', 'wwdemo0000000000', '410984081568579', 1795136130000, 1, 1795136130000, '125f06bddbc9f5ec88805df0e6becc201a0bce37c4a372268bf5e19f5b351e06', NULL, '{"answers":[],"channel":{"raw":"4"},"extra":{},"id":"tanma:wwdemo0000000000:410984081568579","is_test":false,"kind":"person","person":{"birthday":"1982-09-17","gender":{"label":"other","raw":"0"},"name":"徐静"},"person_key":"125f06bddbc9f5ec88805df0e6becc201a0bce37c4a372268bf5e19f5b351e06","phones":[{"class":"mobile","hmac":"125f06bddbc9f5ec88805df0e6becc201a0bce37c4a372268bf5e19f5b351e06","masked":"181****5556","sealed":"v1.c7223847.2jDPQ2ihlLMeH7Rh+QiMCpnKYCLhhSiEuSHZrt7XbJ+ScsWy8DBMLsxUnnQ8uj28lt0FdVKMjVG7iLofIwf6cg8K5zFFu24FhQ==","valid":true}],"region":{"city":"青岛市","district":"市南区","province":"山东省","source_text":"山东省青岛市市南区"},"source":{"account":"wwdemo0000000000","lead_id":"410984081568579","name":"scrm","platform":"tanma","received_at":"2026-11-20T02:04:00.000Z","version":"1795136130000"},"status":{"label":"线索","raw":"true"},"times":{"created":{"raw":"2026-11-20 08:55:30","utc":"2026-11-20T00:55:30.000Z"},"modified":{"raw":"2026-11-20 08:55:30","utc":"2026-11-20T00:55:30.000Z"}},"v":1}', 1795140240000, 1795140240000, '42216cf25a01cd55', '42216cf25a01cd55');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('tanma:wwdemo0000000000:410984083574148', 'scrm', 'tanma', 'wwdemo0000000000', '410984083574148', 1795136220000, 1, 1795136220000, '01ba382516841ce8b540feae5cd5f4b1f481d40b3b0aacfa383660a7b9d03ef4', NULL, '{"answers":[{"code":"remark","label":"","value":"第一行\n第二行"}],"channel":{"raw":"7"},"extra":{"salesId":443534750715968},"id":"tanma:wwdemo0000000000:410984083574148","intent":{"purchase":{"raw":"2"},"stage":{"raw":"401244899840065"}},"is_test":false,"kind":"person","person":{"gender":{"label":"male","raw":"1"},"name":"刘四"},"person_key":"01ba382516841ce8b540feae5cd5f4b1f481d40b3b0aacfa383660a7b9d03ef4","phones":[{"class":"mobile","hmac":"01ba382516841ce8b540feae5cd5f4b1f481d40b3b0aacfa383660a7b9d03ef4","masked":"182****6836","sealed":"v1.c7223847.pDwiYBjaLemhylFEReENrynxqU3IGfbhUzZkFnh9n8U0i7LAGtLGNz/+w4qY7BaUleT+27j6wYDIrJfpjuzgD4SQtIrXClG0cw==","valid":true}],"region":{"city":"长沙市","district":"岳麓区","province":"湖南省","source_text":"湖南省长沙市岳麓区"},"source":{"account":"wwdemo0000000000","lead_id":"410984083574148","name":"scrm","platform":"tanma","received_at":"2026-11-20T02:04:00.000Z","version":"1795136220000"},"status":{"label":"线索","raw":"true"},"times":{"created":{"raw":"2026-11-20 08:57:00","utc":"2026-11-20T00:57:00.000Z"},"modified":{"raw":"2026-11-20 08:57:00","utc":"2026-11-20T00:57:00.000Z"}},"v":1}', 1795140240000, 1795140240000, '42216cf25a01cd55', '42216cf25a01cd55');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('tanma:wwdemo0000000000:410984100066437', 'scrm', 'tanma', 'wwdemo0000000000', '410984100066437', 1795136310000, 1, 1795136310000, 'c72a5a8eb15394cfc221aa2fde97418a8c267a3d8befed161b415e775bb69dac', NULL, '{"answers":[{"code":"budget","label":"","value":"9007199254740993"}],"channel":{"raw":"396823724189761"},"extra":{},"id":"tanma:wwdemo0000000000:410984100066437","intent":{"stage":{"raw":"401244899840065"}},"is_test":false,"kind":"person","person":{"gender":{"label":"male","raw":"1"},"name":"孙洋"},"person_key":"c72a5a8eb15394cfc221aa2fde97418a8c267a3d8befed161b415e775bb69dac","phones":[{"class":"mobile","hmac":"c72a5a8eb15394cfc221aa2fde97418a8c267a3d8befed161b415e775bb69dac","masked":"181****4157","sealed":"v1.c7223847.Yqkzgy4YeBe5CftDdCZvkq3bE53s/BeHh2BheVVu8CFr6QxLec377NrMFtgL7yzlndDkKWHUzE6MwBn5SFUzoyJqYM5SiCyxHg==","valid":true}],"source":{"account":"wwdemo0000000000","lead_id":"410984100066437","name":"scrm","platform":"tanma","received_at":"2026-11-20T02:04:00.000Z","version":"1795136310000"},"status":{"label":"线索","raw":"true"},"tags":["etvRo3DwAA3tk23073jk1nz9mx3j3k0n","etvRo3DwAA2rhbec5vji3lsx1e46sc42"],"times":{"created":{"raw":"2026-11-20 08:58:30","utc":"2026-11-20T00:58:30.000Z"},"modified":{"raw":"2026-11-20 08:58:30","utc":"2026-11-20T00:58:30.000Z"}},"v":1}', 1795140240000, 1795140240000, '42216cf25a01cd55', '42216cf25a01cd55');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('tanma:wwdemo0000000000:wmFakecfhd24zgvvf1ddqw6khwyiqqvm', 'scrm', 'tanma', 'wwdemo0000000000', 'wmFakecfhd24zgvvf1ddqw6khwyiqqvm', 1795140300000, 1, 1795140324000, 'dcf47da9584b3a852a71cc67675460d462213f76b1e35bd719f3049759425a2c', NULL, '{"answers":[],"extra":{"push_type":"new_qw_customer","wechatAvatar":"https://avatar.example/a.jpg"},"id":"tanma:wwdemo0000000000:wmFakecfhd24zgvvf1ddqw6khwyiqqvm","is_test":false,"kind":"person","owner":{"id":"sales03"},"person":{"nick":"陈伟😀","open_ids":[{"system":"wecom_external_userid","value":"wmFakecfhd24zgvvf1ddqw6khwyiqqvm"},{"system":"wechat_unionid","value":"oFakek7ms0swqpd2kcw2mxxk94is"}]},"person_key":"dcf47da9584b3a852a71cc67675460d462213f76b1e35bd719f3049759425a2c","phones":[{"class":"mobile","hmac":"dcf47da9584b3a852a71cc67675460d462213f76b1e35bd719f3049759425a2c","masked":"132****8301","sealed":"v1.c7223847.xgWWcjL80mmIypFa0/WiNt2J2N5W1QmyNWcQ/o7bKTpV24MHSLsZTM1b76H32jpSAMO96TwULFHYSMaQ/1cHC12hmNoH4/5ndA==","valid":true}],"source":{"account":"wwdemo0000000000","lead_id":"wmFakecfhd24zgvvf1ddqw6khwyiqqvm","name":"scrm","platform":"tanma","received_at":"2026-11-20T02:05:24.000Z","version":"1795140300000"},"times":{"modified":{"raw":"1795140300000","utc":"2026-11-20T02:05:00.000Z"}},"v":1}', 1795140324000, 1795140324000, '943984ec095de13c', '943984ec095de13c');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('tanma:wwdemo0000000000:wmFakejdgtmfhr1d1ymhh0cqz6kxade9', 'scrm', 'tanma', 'wwdemo0000000000', 'wmFakejdgtmfhr1d1ymhh0cqz6kxade9', 1795140300000, 1, 1795140324000, '3b3fe2ed70a61df38b18ca9a7fd46b1f7f9960444ae29a6e6504283b6ed24238', NULL, '{"answers":[],"extra":{"push_type":"new_qw_customer","wechatAvatar":"https://avatar.example/a.jpg"},"id":"tanma:wwdemo0000000000:wmFakejdgtmfhr1d1ymhh0cqz6kxade9","is_test":false,"kind":"person","owner":{"id":"sales02"},"person":{"nick":"周杰😀","open_ids":[{"system":"wecom_external_userid","value":"wmFakejdgtmfhr1d1ymhh0cqz6kxade9"},{"system":"wechat_unionid","value":"oFake8xt536y5yks6ndly500cexo"}]},"person_key":"3b3fe2ed70a61df38b18ca9a7fd46b1f7f9960444ae29a6e6504283b6ed24238","phones":[{"class":"mobile","hmac":"3b3fe2ed70a61df38b18ca9a7fd46b1f7f9960444ae29a6e6504283b6ed24238","masked":"180****7409","sealed":"v1.c7223847.DXsIOI20OChAzf41MeCrG0GwEU5usXSBO0Q8LZrNUQE7J5FI/0o/mMLo6n2SbKmZicgrOhLS2JyanjxeG5UHW0AB3P1NnUFR/A==","valid":true}],"source":{"account":"wwdemo0000000000","lead_id":"wmFakejdgtmfhr1d1ymhh0cqz6kxade9","name":"scrm","platform":"tanma","received_at":"2026-11-20T02:05:24.000Z","version":"1795140300000"},"times":{"modified":{"raw":"1795140300000","utc":"2026-11-20T02:05:00.000Z"}},"v":1}', 1795140324000, 1795140324000, 'b46ed664f257ec74', 'b46ed664f257ec74');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('tanma:wwdemo0000000000:wmFakeml2o31oo0vkx01f83rozpyy7br', 'scrm', 'tanma', 'wwdemo0000000000', 'wmFakeml2o31oo0vkx01f83rozpyy7br', 1795140300000, 1, 1795140324000, 'a30364a51717d87c2d26ec41747a753f428683cb1ce5088c0554ef215f989b5d', NULL, '{"answers":[],"extra":{"push_type":"new_qw_customer","wechatAvatar":"https://avatar.example/a.jpg"},"id":"tanma:wwdemo0000000000:wmFakeml2o31oo0vkx01f83rozpyy7br","is_test":false,"kind":"person","owner":{"id":"sales08"},"person":{"nick":"孙伟😀","open_ids":[{"system":"wecom_external_userid","value":"wmFakeml2o31oo0vkx01f83rozpyy7br"},{"system":"wechat_unionid","value":"oFakek04r6jc8tgtd9q6vh1j8t2p"}]},"person_key":"a30364a51717d87c2d26ec41747a753f428683cb1ce5088c0554ef215f989b5d","phones":[{"class":"mobile","hmac":"a30364a51717d87c2d26ec41747a753f428683cb1ce5088c0554ef215f989b5d","masked":"138****7931","sealed":"v1.c7223847.fBluvtG0VqSoN7TnYF5u5X1FLDUtLJ28stv+OGuM7NUba2TXWyG1LRcZNwR1cJLpiGhtI5EF5gfL+Oo0yjbKu7z+Js81cGEr9w==","valid":true}],"source":{"account":"wwdemo0000000000","lead_id":"wmFakeml2o31oo0vkx01f83rozpyy7br","name":"scrm","platform":"tanma","received_at":"2026-11-20T02:05:24.000Z","version":"1795140300000"},"times":{"modified":{"raw":"1795140300000","utc":"2026-11-20T02:05:00.000Z"}},"v":1}', 1795140324000, 1795140324000, '0d74b0e9db2236ea', '0d74b0e9db2236ea');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('tmall:2912754296:371009', 'tmall', 'tmall', '2912754296', '371009', 1795136040000, 1, 1795136040000, '4973a7ee0a8a32da88100913488d92e6b574270a462d71caa4164b72303531bf', 1795312800000, '{"activity":{"id":"23423542527"},"answers":[],"channel":{"raw":"5"},"extra":{"base_extra":"dLcNWf5OvIu2Dtbgjm98otR+8fXgr/Ru","order_id":"004322923722172929","order_num":"357020612459581328","required_store":437763406},"id":"tmall:2912754296:371009","intent":{"budget":{"raw":"2"},"category":{"raw":"92"},"decoration_type":{"raw":"3"},"purchase":{"raw":"93"},"stage":{"raw":"2"},"style":{"raw":"6"}},"is_test":false,"kind":"person","owner":{"id":"99921369","name":"店小二"},"person":{"name":"王女士","nick":"王女士淘宝","open_ids":[{"system":"taobao_openid","value":"AAG2p6lp13oo5pog97ruuml2"},{"system":"buyer_open_uid","value":"AAH51yk2mb056cry7ohyjlwe"}]},"person_key":"4973a7ee0a8a32da88100913488d92e6b574270a462d71caa4164b72303531bf","phones":[{"class":"mobile","hmac":"4973a7ee0a8a32da88100913488d92e6b574270a462d71caa4164b72303531bf","masked":"182****1949","sealed":"v1.c7223847.UVfIlLH+QNIOvXPYfJYsGaZSojco1xgKhErrJ9JSLafzpldt8JlMxztciwbXIorBk93lVnXW+diYck18oPwYOoofqltPMqq3zg==","valid":true}],"region":{"address":"浙江杭州余杭区81号","city":"杭州","codes":[{"code":"330000","level":"province","system":"gb2260"},{"code":"330100","level":"city","system":"gb2260"},{"code":"330110","level":"district","system":"gb2260"},{"code":"330110012","level":"street","system":"source"}],"district":"余杭区","province":"浙江省","source_text":"浙江 杭州 余杭区 仓前街道 浙江杭州余杭区81号","street":"仓前街道"},"remark":"<3万&包安装>","source":{"account":"2912754296","lead_id":"371009","name":"tmall","platform":"tmall","received_at":"2026-11-20T02:00:00.000Z","version":"1795136040000"},"status":{"raw":"2"},"store":{"id":"437763406"},"times":{"appointment":{"raw":"2026-11-26 08:54:00","utc":"2026-11-26T00:54:00.000Z"},"modified":{"raw":"2026-11-20 08:54:00","utc":"2026-11-20T00:54:00.000Z"},"submitted":{"raw":"2026-11-20 08:54:00","utc":"2026-11-20T00:54:00.000Z"}},"v":1}', 1795140000000, 1795140000000, '53e4723617fc49da', '53e4723617fc49da');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('tmall:2912754296:371010', 'tmall', 'tmall', '2912754296', '371010', 1795136130000, 1, 1795136130000, 'ff4ba8a5eb7b76fe952014fd0ff2c37c6c915fb81d1695701361b7113a829f99', NULL, '{"activity":{"id":"23423542527"},"answers":[],"channel":{"label":"微信\\/线下","raw":"0"},"extra":{"base_extra":"9iktKjQcNJAwTdzu0lUsvbWPm501RyrE","extra":{"channelName":"微信\\/线下"},"required_store":437763408},"id":"tmall:2912754296:371010","intent":{"budget":{"raw":"5"},"category":{"raw":"3"},"decoration_type":{"raw":"0"},"purchase":{"raw":"2"},"stage":{"raw":"3"},"style":{"raw":"2"}},"is_test":false,"kind":"person","owner":{"id":"99941856","name":"店小二"},"person":{"name":"李女士","nick":"李女士淘宝","open_ids":[{"system":"taobao_openid","value":"AAGpbpky5dzesnirm7ncyd7z"},{"system":"buyer_open_uid","value":"AAHub8r3a5ingnjclsqdr04q"}]},"person_key":"ff4ba8a5eb7b76fe952014fd0ff2c37c6c915fb81d1695701361b7113a829f99","phones":[{"class":"mobile","hmac":"ff4ba8a5eb7b76fe952014fd0ff2c37c6c915fb81d1695701361b7113a829f99","masked":"180****0547","sealed":"v1.c7223847.Edfv8OsxfdjkDYjg9+2yKgLgYHNDWbdJOBp/dRwh4dAaURx4YewFIn2Tsdw6mrhtUzA726Ol+n6v5XHbv/BBpxmPXCKgDOskow==","valid":true}],"region":{"address":"浙江省宁波市鄞州区83号","city":"宁波市","codes":[{"code":"330000","level":"province","system":"gb2260"},{"code":"330200","level":"city","system":"gb2260"},{"code":"330212","level":"district","system":"gb2260"}],"district":"鄞州区","province":"浙江省","source_text":"浙江省 宁波市 鄞州区 下应街道 浙江省宁波市鄞州区83号","street":"下应街道"},"remark":"微信\\/电话","source":{"account":"2912754296","lead_id":"371010","name":"tmall","platform":"tmall","received_at":"2026-11-20T02:05:00.000Z","version":"1795136130000"},"status":{"raw":"1"},"store":{"id":"437763408"},"times":{"appointment":{"raw":"2026-11-22 08:55:30","utc":"2026-11-22T00:55:30.000Z"},"modified":{"raw":"2026-11-20 08:55:30","utc":"2026-11-20T00:55:30.000Z"},"submitted":{"raw":"2026-11-20 08:55:30","utc":"2026-11-20T00:55:30.000Z"}},"v":1}', 1795140300000, 1795140300000, '843117b84d24dfd1', '843117b84d24dfd1');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('tmall:2912754296:371011', 'tmall', 'tmall', '2912754296', '371011', 1795136220000, 1, 1795136220000, 'b1113807718c6fb00c8a38c1da7cb969e33b53fe163920e720c3740bd30ce9dc', NULL, '{"activity":{"id":"23423542527"},"answers":[],"channel":{"label":"微信\\/线下","raw":"97"},"extra":{"base_extra":"扩展字段","brand_new_field":"one","extra":{"channelName":"微信\\/线下"},"order_id":"827678245439623189","order_num":"018776776121563178","required_store":437763404},"id":"tmall:2912754296:371011","intent":{"budget":{"raw":"4"},"category":{"raw":"6"},"decoration_type":{"raw":"1"},"purchase":{"raw":"3"},"stage":{"raw":"1"},"style":{"raw":"8"}},"is_test":false,"kind":"person","owner":{"id":"99965848","name":"店小二"},"person":{"name":"吴女士","nick":"吴女士淘宝","open_ids":[{"system":"taobao_openid","value":"AAG1lnrskt81eiiujf2512cc"},{"system":"buyer_open_uid","value":"AAHewru2o5lvsnzwp3k9rrrx"}]},"person_key":"b1113807718c6fb00c8a38c1da7cb969e33b53fe163920e720c3740bd30ce9dc","phones":[{"class":"mobile","hmac":"b1113807718c6fb00c8a38c1da7cb969e33b53fe163920e720c3740bd30ce9dc","masked":"138****1558","sealed":"v1.c7223847.i6uThjYYQnvmY+MR71RGJlBOGWmUTEF4B0jlVeusU3MKPXkXX7yJvM/9TeOhLyNkn87jj/xAbQPRIdcJXSNXB3mwNsTC/kIvOg==","valid":true}],"region":{"address":"上海上海市浦东新区26号","city":"上海市","codes":[{"code":"310000","level":"province","system":"gb2260"},{"code":"310100","level":"city","system":"gb2260"},{"code":"310115","level":"district","system":"gb2260"},{"code":"310115014","level":"street","system":"source"}],"district":"浦东新区","province":"上海市","source_text":"上海 上海市 浦东新区 花木街道 上海上海市浦东新区26号","street":"花木街道"},"remark":"周末联系😀","source":{"account":"2912754296","lead_id":"371011","name":"tmall","platform":"tmall","received_at":"2026-11-20T02:05:12.000Z","version":"1795136220000"},"status":{"raw":"96"},"store":{"id":"437763404"},"times":{"appointment":{"raw":"2026-11-27 08:57:00","utc":"2026-11-27T00:57:00.000Z"},"modified":{"raw":"2026-11-20 08:57:00","utc":"2026-11-20T00:57:00.000Z"},"submitted":{"raw":"2026-11-20 08:57:00","utc":"2026-11-20T00:57:00.000Z"}},"v":1}', 1795140312000, 1795140312000, '35059096d9e387ff', '35059096d9e387ff');

INSERT INTO leads (id, source, platform, account, lead_id, version, revision, sort_at, person_key, expires_at, doc, received_at, updated_at, first_commit, last_commit) VALUES ('tmall:2912754296:371012', 'tmall', 'tmall', '2912754296', '371012', 1795136310000, 1, 1795136310000, 'f163f97328bc44018ab2de9e709616b2fe1dec17f235bda09878f5243460417a', NULL, '{"activity":{"id":"23423542525"},"answers":[],"channel":{"label":"天猫旗舰店","raw":"2"},"extra":{"base_extra":"jL1P1wJ24FBdrh+j5GBLYSGX3Wi9ndqI","extra":{"channelName":"天猫旗舰店"},"order_id":"410411845968725976","order_num":"658824880890529026","required_store":437763405},"id":"tmall:2912754296:371012","intent":{"budget":{"raw":"3"},"category":{"raw":"4"},"decoration_type":{"raw":"0"},"purchase":{"raw":"0"},"stage":{"raw":"2"},"style":{"raw":"97"}},"is_test":false,"kind":"person","owner":{"id":"99919631","name":"店小二"},"person":{"name":"赵**","nick":"赵**淘宝","open_ids":[{"system":"taobao_openid","value":"AAG5laqy6wbyussie5zypyps"},{"system":"buyer_open_uid","value":"AAHehjla9i05dcdp5dny71bb"}]},"person_key":"f163f97328bc44018ab2de9e709616b2fe1dec17f235bda09878f5243460417a","phones":[{"class":"mobile","hmac":"f163f97328bc44018ab2de9e709616b2fe1dec17f235bda09878f5243460417a","masked":"151****5016","sealed":"v1.c7223847.NiYic9QStNjGHYg3zvujcj30SLVxvlIXWwoGs2dfMuDGXOvUFKp4ANWAGuIfUJ3DU/d4mWLy8W9BH2HRGcGfgY5l0+1ffrUWrw==","valid":true}],"region":{"address":"浙江省宁波市鄞州区1号","city":"宁波市","codes":[{"code":"330000","level":"province","system":"gb2260"},{"code":"330200","level":"city","system":"gb2260"},{"code":"330212","level":"district","system":"gb2260"},{"code":"330212003","level":"street","system":"source"}],"district":"鄞州区","province":"浙江省","source_text":"浙江省 宁波市 鄞州区 下应街道 浙江省宁波市鄞州区1号","street":"下应街道"},"remark":"周末联系😀","source":{"account":"2912754296","lead_id":"371012","name":"tmall","platform":"tmall","received_at":"2026-11-20T02:05:12.000Z","version":"1795136310000"},"status":{"raw":"4"},"store":{"id":"437763405"},"times":{"appointment":{"raw":"2026-11-27 08:58:30","utc":"2026-11-27T00:58:30.000Z"},"modified":{"raw":"2026-11-20 08:58:30","utc":"2026-11-20T00:58:30.000Z"},"submitted":{"raw":"2026-11-20 08:58:30","utc":"2026-11-20T00:58:30.000Z"}},"v":1}', 1795140312000, 1795140312000, 'e49031e0d43ff72d', 'e49031e0d43ff72d');

INSERT INTO lead_counts (source, leads, unread) VALUES ('ads', 10, 5);

INSERT INTO lead_counts (source, leads, unread) VALUES ('etc_in', 4, 0);

INSERT INTO lead_counts (source, leads, unread) VALUES ('scrm', 9, 0);

INSERT INTO lead_counts (source, leads, unread) VALUES ('tmall', 4, 0);

INSERT INTO outbox (id, queue, due_at, payload, lead, attempts, lease, lease_until, reason, dead_at) VALUES ('stats/1/7/2026-11-19/78f54c5bc411eeae', 'stats/stats', 1795140360000, '{"key":"1/7/2026-11-19","text":"{\"id\":7,\"store_id\":3,\"storeName\":\"fake store\",\"aliUv\":7,\"businessType\":1,\"statisticsDate\":\"2026-11-19\",\"totalUv\":14}","type":1}', NULL, 1, '5f60deefc0515ce0aa4e1cf9c176a602', 1795140480000, '', NULL);

INSERT INTO outbox (id, queue, due_at, payload, lead, attempts, lease, lease_until, reason, dead_at) VALUES ('stats/1/8/2026-11-19/6b923f9ab37837a6', 'stats/stats', 1795140360000, '{"key":"1/8/2026-11-19","text":"{\"id\":8,\"store_id\":3,\"storeName\":\"fake store\",\"aliUv\":8,\"businessType\":1,\"statisticsDate\":\"2026-11-19\",\"totalUv\":16}","type":1}', NULL, 1, '5f60deefc0515ce0aa4e1cf9c176a602', 1795140480000, '', NULL);

INSERT INTO outbox (id, queue, due_at, payload, lead, attempts, lease, lease_until, reason, dead_at) VALUES ('stats/2/3/2026-11-19/2eef2f16592adf90', 'stats/stats', 1795140336000, '{"key":"2/3/2026-11-19","text":"{\"id\":3,\"store_id\":3,\"storeName\":\"fake store\",\"aliUv\":3,\"businessType\":1,\"statisticsDate\":\"2026-11-19\",\"totalUv\":6}","type":2}', NULL, 1, NULL, NULL, 'the platform refuses the row: 第1行(id=3)id无效 (invalid-row)', 1795140336000);

INSERT INTO outbox (id, queue, due_at, payload, lead, attempts, lease, lease_until, reason, dead_at) VALUES ('stats/2/3/2026-11-19/2eef2f16592adf90~1', 'stats/stats', 1795140342000, '{"key":"2/3/2026-11-19","text":"{\"id\":3,\"store_id\":3,\"storeName\":\"fake store\",\"aliUv\":3,\"businessType\":1,\"statisticsDate\":\"2026-11-19\",\"totalUv\":6}","type":2}', NULL, 1, NULL, NULL, 'the platform refuses the row: 第1行(id=3)id无效 (invalid-row)', 1795140342000);

INSERT INTO outbox (id, queue, due_at, payload, lead, attempts, lease, lease_until, reason, dead_at) VALUES ('stats/2/5/2026-11-19/bb34400486dfbed0', 'stats/stats', 1795140409096, '{"key":"2/5/2026-11-19","text":"{\"id\":5,\"store_id\":3,\"storeName\":\"fake store\",\"aliUv\":5,\"businessType\":1,\"statisticsDate\":\"2026-11-19\",\"totalUv\":10}","type":2}', NULL, 1, NULL, NULL, 'the endpoint answered HTTP 502 with an HTML page; tried again, then left for the next run', NULL);

INSERT INTO outbox (id, queue, due_at, payload, lead, attempts, lease, lease_until, reason, dead_at) VALUES ('stats/2/6/2026-11-19/2fa6c9ac05b0f6bc', 'stats/stats', 1795140414782, '{"key":"2/6/2026-11-19","text":"{\"id\":6,\"store_id\":3,\"storeName\":\"fake store\",\"aliUv\":6,\"businessType\":1,\"statisticsDate\":\"2026-11-19\",\"totalUv\":12}","type":2}', NULL, 1, NULL, NULL, 'the endpoint answered HTTP 502 with an HTML page; tried again, then left for the next run', NULL);

INSERT INTO outbox (id, queue, due_at, payload, lead, attempts, lease, lease_until, reason, dead_at) VALUES ('stats/3/10/2026-11-19/644952f0cbe8ad32', 'stats/stats', 1795140372000, '{"key":"3/10/2026-11-19","text":"{\"id\":10,\"store_id\":3,\"storeName\":\"fake store\",\"aliUv\":10,\"businessType\":1,\"statisticsDate\":\"2026-11-19\",\"totalUv\":20}","type":3}', NULL, 0, NULL, NULL, '', NULL);

INSERT INTO outbox (id, queue, due_at, payload, lead, attempts, lease, lease_until, reason, dead_at) VALUES ('stats/3/9/2026-11-19/a7a5798c58214978', 'stats/stats', 1795140372000, '{"key":"3/9/2026-11-19","text":"{\"id\":9,\"store_id\":3,\"storeName\":\"fake store\",\"aliUv\":9,\"businessType\":1,\"statisticsDate\":\"2026-11-19\",\"totalUv\":18}","type":3}', NULL, 0, NULL, NULL, '', NULL);

INSERT INTO marks (key, expires_at) VALUES ('dead/stats/2/3/2026-11-19/2eef2f16592adf90', 1797732336000);

INSERT INTO marks (key, expires_at) VALUES ('dead/stats/2/3/2026-11-19/2eef2f16592adf90~1', 1797732342000);

INSERT INTO marks (key, expires_at) VALUES ('given/stats/1/7/2026-11-19', 1797732360000);

INSERT INTO marks (key, expires_at) VALUES ('given/stats/1/8/2026-11-19', 1797732360000);

INSERT INTO marks (key, expires_at) VALUES ('given/stats/2/1/2026-11-19', 1797732336000);

INSERT INTO marks (key, expires_at) VALUES ('given/stats/2/2/2026-11-19', 1797732336000);

INSERT INTO marks (key, expires_at) VALUES ('given/stats/2/3/2026-11-19', 1797732336000);

INSERT INTO marks (key, expires_at) VALUES ('given/stats/2/4/2026-11-19', 1797732336000);

INSERT INTO marks (key, expires_at) VALUES ('given/stats/2/5/2026-11-19', 1797732348000);

INSERT INTO marks (key, expires_at) VALUES ('given/stats/2/6/2026-11-19', 1797732348000);

INSERT INTO marks (key, expires_at) VALUES ('given/stats/3/10/2026-11-19', 1797732372000);

INSERT INTO marks (key, expires_at) VALUES ('given/stats/3/9/2026-11-19', 1797732372000);

INSERT INTO marks (key, expires_at) VALUES ('push//spi/tmall/34b24643b40b69105bf575f60c6095f6', 1795226400000);

INSERT INTO marks (key, expires_at) VALUES ('push//spi/tmall/69505034bdaf35913957f36bf9935dd4', 1795226700000);

INSERT INTO marks (key, expires_at) VALUES ('push//spi/tmall/e68e90a2bc05384d5bf84175ca1d2a3e', 1795226712000);

INSERT INTO marks (key, expires_at) VALUES ('push//spi/tmall/ea3cb7443f2c64cc37e62f24906877da', 1795226712000);

INSERT INTO marks (key, expires_at) VALUES ('push/scrm/new_qw_customer/8819001', 1795226724000);

INSERT INTO marks (key, expires_at) VALUES ('push/scrm/new_qw_customer/8819002', 1795226724000);

INSERT INTO marks (key, expires_at) VALUES ('push/scrm/new_qw_customer/8819003', 1795226724000);

INSERT INTO marks (key, expires_at) VALUES ('queued/stats/1/7/2026-11-19/78f54c5bc411eeae', 1797732360000);

INSERT INTO marks (key, expires_at) VALUES ('queued/stats/1/8/2026-11-19/6b923f9ab37837a6', 1797732360000);

INSERT INTO marks (key, expires_at) VALUES ('queued/stats/2/1/2026-11-19/a9ce0738ddf6fedb~2', 1797732342000);

INSERT INTO marks (key, expires_at) VALUES ('queued/stats/2/1/2026-11-19/b2530fe3ed3745e2', 1797732336000);

INSERT INTO marks (key, expires_at) VALUES ('queued/stats/2/2/2026-11-19/9b96f9e692961c40', 1797732336000);

INSERT INTO marks (key, expires_at) VALUES ('queued/stats/2/3/2026-11-19/2eef2f16592adf90', 1797732336000);

INSERT INTO marks (key, expires_at) VALUES ('queued/stats/2/3/2026-11-19/2eef2f16592adf90~1', 1797732342000);

INSERT INTO marks (key, expires_at) VALUES ('queued/stats/2/4/2026-11-19/eed7cf4f47dd8c5d', 1797732336000);

INSERT INTO marks (key, expires_at) VALUES ('queued/stats/2/5/2026-11-19/bb34400486dfbed0', 1797732348000);

INSERT INTO marks (key, expires_at) VALUES ('queued/stats/2/6/2026-11-19/2fa6c9ac05b0f6bc', 1797732348000);

INSERT INTO marks (key, expires_at) VALUES ('queued/stats/3/10/2026-11-19/644952f0cbe8ad32', 1797732372000);

INSERT INTO marks (key, expires_at) VALUES ('queued/stats/3/9/2026-11-19/a7a5798c58214978', 1797732372000);

INSERT INTO marks (key, expires_at) VALUES ('sent/stats/2/1/2026-11-19/a9ce0738ddf6fedb~2', 1797732342000);

INSERT INTO marks (key, expires_at) VALUES ('sent/stats/2/1/2026-11-19/b2530fe3ed3745e2', 1797732336000);

INSERT INTO marks (key, expires_at) VALUES ('sent/stats/2/2/2026-11-19/9b96f9e692961c40', 1797732336000);

INSERT INTO marks (key, expires_at) VALUES ('sent/stats/2/4/2026-11-19/eed7cf4f47dd8c5d', 1797732336000);

INSERT INTO audit (seq, at, action, subject, detail) VALUES (1, 1795140390000, 'reveal', 'tmall', '4 leads');

INSERT INTO raw (id, source, received_at, expires_at, content_type, body_base64) VALUES ('/spi/tmall/fad789746b17773ca45b80c40ef05b64', 'tmall', 1795140318000, 2110500318000, 'sealed; application/json;charset=UTF-8', 'djEuYzcyMjM4NDcuVkdoVzZ4MkZJNGJPaGtNWkFlRXdsQ0F6OGJ6U3ZBRFEwSDdEQ21tTEZtSEI2VzA9');

INSERT INTO set_rows (set_name, id, at, expires_at, updated_at, first_commit, last_commit, doc) VALUES ('drift/scrm', 'wechatAvatar', 1795140000000, NULL, 1795140324000, '116ad6d89645cb05', '116ad6d89645cb05', '{}');

INSERT INTO set_rows (set_name, id, at, expires_at, updated_at, first_commit, last_commit, doc) VALUES ('drift/tmall', 'brand_new_field', 1795140000000, NULL, 1795140312000, '8e38bccd144c6d46', '8e38bccd144c6d46', '{}');

INSERT INTO set_rows (set_name, id, at, expires_at, updated_at, first_commit, last_commit, doc) VALUES ('etc/4', '0000000000000000215', 1795136130000, NULL, 1795140330000, 'be844410f077c50f', 'be844410f077c50f', '{"id":215,"status":2,"distribute_did":95132,"z_role":2,"zid":1007,"z_name":"吴磊","z_mobile":"18800008988","cid":132031,"worktable_count":1,"first_push_time":1787532930,"last_order_time":0,"order_time_lag":0,"intention_level":"A","intention_city_cn":"上海","intention_district":"浦东新区","intention_hid":30860,"intention_house_city_en":"shanghai","purpose":"投资","intention_house_type":"两室一厅","intention_area":"80-100","house_num":"1","payment_capacity":0,"budget":"200-300万","created_time":"2026-11-20 08:55:30","updated_time":null}');

INSERT INTO set_rows (set_name, id, at, expires_at, updated_at, first_commit, last_commit, doc) VALUES ('etc/4', '0000000000000000239', 1795136220000, NULL, 1795140330000, 'be844410f077c50f', 'be844410f077c50f', '{"id":239,"status":2,"distribute_did":94014,"z_role":2,"zid":1092,"z_name":"陈三","z_mobile":"13800002389","cid":156119,"worktable_count":4,"first_push_time":1792198620,"last_order_time":0,"order_time_lag":0,"intention_level":"C","intention_city_cn":"杭州","intention_district":"余杭区","intention_hid":30236,"intention_house_city_en":"hangzhou","purpose":"自住","intention_house_type":"三室两厅","intention_area":"100-120㎡","house_num":"2套","payment_capacity":1,"budget":"200-300万","created_time":"2026-11-20 08:57:00","updated_time":null}');

INSERT INTO set_rows (set_name, id, at, expires_at, updated_at, first_commit, last_commit, doc) VALUES ('etc/4', '0000000000000000263', 1795136310000, NULL, 1795140330000, 'be844410f077c50f', 'be844410f077c50f', '{"id":263,"status":1,"distribute_did":95831,"z_role":1,"zid":0,"z_name":"","z_mobile":"","cid":106045,"worktable_count":2,"first_push_time":1788310710,"last_order_time":0,"order_time_lag":0,"intention_level":"","intention_city_cn":"","intention_district":"","intention_hid":0,"intention_house_city_en":"","purpose":"","intention_house_type":"","intention_area":"","house_num":"","payment_capacity":0,"budget":"","created_time":"2026-11-20 08:58:30","updated_time":null}');

INSERT INTO set_rows (set_name, id, at, expires_at, updated_at, first_commit, last_commit, doc) VALUES ('stats/stats', '1/7/2026-11-19', 1795140360000, 1802916360000, 1795140360000, '6a1ee73551342c75', '6a1ee73551342c75', '{"at":"2026-11-20T02:06:00.000Z","state":"waiting"}');

INSERT INTO set_rows (set_name, id, at, expires_at, updated_at, first_commit, last_commit, doc) VALUES ('stats/stats', '1/8/2026-11-19', 1795140360000, 1802916360000, 1795140360000, '6a1ee73551342c75', '6a1ee73551342c75', '{"at":"2026-11-20T02:06:00.000Z","state":"waiting"}');

INSERT INTO set_rows (set_name, id, at, expires_at, updated_at, first_commit, last_commit, doc) VALUES ('stats/stats', '2/1/2026-11-19', 1795140342000, 1802916342000, 1795140342000, '2206649b0604f8f4', '01c561039e402090', '{"at":"2026-11-20T02:05:42.000Z","attempts":1,"state":"sent"}');

INSERT INTO set_rows (set_name, id, at, expires_at, updated_at, first_commit, last_commit, doc) VALUES ('stats/stats', '2/2/2026-11-19', 1795140336000, 1802916336000, 1795140336000, '2206649b0604f8f4', '3bfcac867969f953', '{"at":"2026-11-20T02:05:36.000Z","attempts":1,"state":"sent"}');

INSERT INTO set_rows (set_name, id, at, expires_at, updated_at, first_commit, last_commit, doc) VALUES ('stats/stats', '2/3/2026-11-19', 1795140342000, 1802916342000, 1795140342000, '2206649b0604f8f4', 'ee97875ef4501059', '{"at":"2026-11-20T02:05:42.000Z","attempts":1,"code":"refused","given_up":true,"reason":"the platform refuses the row: 第1行(id=3)id无效 (invalid-row)","state":"refused"}');

INSERT INTO set_rows (set_name, id, at, expires_at, updated_at, first_commit, last_commit, doc) VALUES ('stats/stats', '2/4/2026-11-19', 1795140336000, 1802916336000, 1795140336000, '2206649b0604f8f4', 'afa4659df36ae7c4', '{"at":"2026-11-20T02:05:36.000Z","attempts":1,"state":"sent"}');

INSERT INTO set_rows (set_name, id, at, expires_at, updated_at, first_commit, last_commit, doc) VALUES ('stats/stats', '2/5/2026-11-19', 1795140348000, 1802916348000, 1795140348000, 'c3063958a17ceb9e', 'c5c613c2e0cab3f1', '{"at":"2026-11-20T02:05:48.000Z","attempts":1,"code":"transport_status","reason":"the endpoint answered HTTP 502 with an HTML page; tried again, then left for the next run","state":"unknown"}');

INSERT INTO set_rows (set_name, id, at, expires_at, updated_at, first_commit, last_commit, doc) VALUES ('stats/stats', '2/6/2026-11-19', 1795140348000, 1802916348000, 1795140348000, 'c3063958a17ceb9e', 'c5c613c2e0cab3f1', '{"at":"2026-11-20T02:05:48.000Z","attempts":1,"code":"transport_status","reason":"the endpoint answered HTTP 502 with an HTML page; tried again, then left for the next run","state":"unknown"}');

INSERT INTO set_rows (set_name, id, at, expires_at, updated_at, first_commit, last_commit, doc) VALUES ('stats/stats', '3/10/2026-11-19', 1795140372000, 1802916372000, 1795140372000, 'a74fe6e9a7c25dca', 'a74fe6e9a7c25dca', '{"at":"2026-11-20T02:06:12.000Z","state":"waiting"}');

INSERT INTO set_rows (set_name, id, at, expires_at, updated_at, first_commit, last_commit, doc) VALUES ('stats/stats', '3/9/2026-11-19', 1795140372000, 1802916372000, 1795140372000, 'a74fe6e9a7c25dca', 'a74fe6e9a7c25dca', '{"at":"2026-11-20T02:06:12.000Z","state":"waiting"}');

INSERT INTO set_counts (set_name, row_count) VALUES ('drift/scrm', 1);

INSERT INTO set_counts (set_name, row_count) VALUES ('drift/tmall', 1);

INSERT INTO set_counts (set_name, row_count) VALUES ('etc/4', 3);

INSERT INTO set_counts (set_name, row_count) VALUES ('stats/stats', 10);

CREATE INDEX leads_newest ON leads (sort_at, id);

CREATE INDEX leads_source ON leads (source, sort_at, id);

CREATE INDEX leads_person ON leads (person_key, sort_at, id) WHERE person_key IS NOT NULL;

CREATE INDEX leads_expiry ON leads (expires_at) WHERE expires_at IS NOT NULL;

CREATE TRIGGER lead_counts_insert AFTER INSERT ON leads BEGIN
    INSERT INTO lead_counts (source, leads, unread) VALUES (new.source, 1, new.revision = 0)
    ON CONFLICT (source) DO UPDATE SET leads = leads + 1, unread = unread + excluded.unread;
END;

CREATE TRIGGER lead_counts_update AFTER UPDATE OF source, revision ON leads
WHEN old.source <> new.source OR (old.revision = 0) <> (new.revision = 0) BEGIN
    UPDATE lead_counts SET leads = leads - 1, unread = unread - (old.revision = 0) WHERE source = old.source;
    INSERT INTO lead_counts (source, leads, unread) VALUES (new.source, 1, new.revision = 0)
    ON CONFLICT (source) DO UPDATE SET leads = leads + 1, unread = unread + excluded.unread;
END;

CREATE TRIGGER lead_counts_delete AFTER DELETE ON leads BEGIN
    UPDATE lead_counts SET leads = leads - 1, unread = unread - (old.revision = 0) WHERE source = old.source;
END;

CREATE INDEX outbox_due ON outbox (queue, due_at, id) WHERE dead_at IS NULL;

CREATE INDEX outbox_dead ON outbox (id) WHERE dead_at IS NOT NULL;

CREATE INDEX marks_expiry ON marks (expires_at);

CREATE INDEX raw_expiry ON raw (expires_at) WHERE expires_at IS NOT NULL;

CREATE INDEX set_rows_newest ON set_rows (set_name, at);

CREATE INDEX set_rows_expiry ON set_rows (expires_at) WHERE expires_at IS NOT NULL;

CREATE TRIGGER set_counts_insert AFTER INSERT ON set_rows BEGIN
    INSERT INTO set_counts (set_name, row_count) VALUES (new.set_name, 1)
    ON CONFLICT (set_name) DO UPDATE SET row_count = row_count + 1;
END;

CREATE TRIGGER set_counts_delete AFTER DELETE ON set_rows BEGIN
    UPDATE set_counts SET row_count = row_count - 1 WHERE set_name = old.set_name;
END;

CREATE INDEX outbox_dead_queue ON outbox (queue) WHERE dead_at IS NOT NULL;

