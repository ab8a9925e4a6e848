#include "lead/region.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace {

using namespace leadbridge::lead;

struct Row {
    std::string text, province, city, district, street, address;
};

}  // namespace

TEST_CASE("regions from one text", "[region]") {
    const std::vector<Row> rows = {
        {"浙江省杭州市余杭区仓前街道文一西路1-2号", "浙江省", "杭州市", "余杭区", "仓前街道",
         "文一西路1-2号"},
        {"浙江 杭州 余杭区", "浙江省", "杭州", "余杭区", "", ""},
        {"浙江/杭州/余杭", "浙江省", "杭州", "余杭", "", ""},
        {"浙江,杭州", "浙江省", "杭州", "", "", ""},
        {"浙江，杭州，西湖区", "浙江省", "杭州", "西湖区", "", ""},
        {"浙江-杭州-西湖区", "浙江省", "杭州", "西湖区", "", ""},
        {"浙江\u3000杭州\u3000西湖区", "浙江省", "杭州", "西湖区", "", ""},
        {"浙江杭州", "浙江省", "杭州", "", "", ""},
        {"浙江", "浙江省", "", "", "", ""},
        {" 浙江省 ", "浙江省", "", "", "", ""},
        {"中国浙江省宁波市镇海区", "浙江省", "宁波市", "镇海区", "", ""},
        {"xx省xx市xx县", "xx省", "xx市", "xx县", "", ""},
        {"北京市朝阳区", "北京市", "北京市", "朝阳区", "", ""},
        {"北京市北京市朝阳区", "北京市", "北京市", "朝阳区", "", ""},
        {"北京市市辖区朝阳区", "北京市", "北京市", "朝阳区", "", ""},
        {"重庆市县城口县", "重庆市", "重庆市", "城口县", "", ""},
        {"重庆 渝中", "重庆市", "重庆市", "渝中", "", ""},
        {"上海", "上海市", "上海市", "", "", ""},
        {"上海浦东新区张江镇科苑路88号", "上海市", "上海市", "浦东新区", "张江镇", "科苑路88号"},
        {"天津 天津市 和平区 南京路1号", "天津市", "天津市", "和平区", "", "南京路1号"},
        {"内蒙古自治区呼和浩特市新城区", "内蒙古自治区", "呼和浩特市", "新城区", "", ""},
        {"内蒙古锡林郭勒盟锡林浩特市", "内蒙古自治区", "锡林郭勒盟", "锡林浩特市", "", ""},
        {"内蒙古呼伦贝尔市鄂温克族自治旗", "内蒙古自治区", "呼伦贝尔市", "鄂温克族自治旗", "", ""},
        {"新疆维吾尔自治区乌鲁木齐市天山区", "新疆维吾尔自治区", "乌鲁木齐市", "天山区", "", ""},
        {"新疆伊犁哈萨克自治州伊宁市", "新疆维吾尔自治区", "伊犁哈萨克自治州", "伊宁市", "", ""},
        {"新疆喀什地区喀什市", "新疆维吾尔自治区", "喀什地区", "喀什市", "", ""},
        {"广西壮族自治区南宁市青秀区", "广西壮族自治区", "南宁市", "青秀区", "", ""},
        {"广西省南宁市", "广西壮族自治区", "南宁市", "", "", ""},
        {"宁夏 银川 兴庆区", "宁夏回族自治区", "银川", "兴庆区", "", ""},
        {"西藏自治区拉萨市", "西藏自治区", "拉萨市", "", "", ""},
        {"河南省济源市", "河南省", "济源市", "", "", ""},
        {"湖北省神农架林区", "湖北省", "", "神农架林区", "", ""},
        {"湖北省省直辖县级行政区划潜江市", "湖北省", "潜江市", "", "", ""},
        {"海南省定安县", "海南省", "", "定安县", "", ""},
        {"湖北恩施土家族苗族自治州恩施市", "湖北省", "恩施土家族苗族自治州", "恩施市", "", ""},
        {"湖北省荆州市沙市区", "湖北省", "荆州市", "沙市区", "", ""},
        {"湖南省常德市津市市", "湖南省", "常德市", "津市市", "", ""},
        {"山东省济南市市中区", "山东省", "济南市", "市中区", "", ""},
        {"江西省景德镇市珠山区", "江西省", "景德镇市", "珠山区", "", ""},
        {"广东省东莞市虎门镇", "广东省", "东莞市", "", "虎门镇", ""},
        {"广东深圳南山区", "广东省", "深圳", "南山区", "", ""},
        {"吉林市昌邑区", "吉林省", "吉林市", "昌邑区", "", ""},
        {"海南藏族自治州共和县", "", "海南藏族自治州", "共和县", "", ""},
        {"杭州市余杭区", "", "杭州市", "余杭区", "", ""},
        {"陕西省 / 西安市 / 雁塔区 / 小寨路街道", "陕西省", "西安市", "雁塔区", "小寨路街道", ""},
        {"河北省石家庄市联盟路5号", "河北省", "石家庄市", "", "", "联盟路5号"},
        {"浙江省杭州市西湖小区12栋", "浙江省", "杭州市", "", "", "西湖小区12栋"},
        {"香港特别行政区中西区", "香港特别行政区", "", "中西区", "", ""},
        {"台湾省台北市信义区", "台湾省", "台北市", "信义区", "", ""},
        // the table knows what no suffix says
        {"四川成都武侯区", "四川省", "成都", "武侯区", "", ""},
        {"辽宁省鞍山市海城市", "辽宁省", "鞍山市", "海城市", "", ""},
        {"辽宁省海城市西柳镇1号", "辽宁省", "", "海城市", "西柳镇", "1号"},
        {"山东潍坊诸城市", "山东省", "潍坊", "诸城市", "", ""},
        {"江西省赣州市赣县区", "江西省", "赣州市", "赣县区", "", ""},
        {"福建省三明市沙县区", "福建省", "三明市", "沙县区", "", ""},
        {"山东省青岛市北区登州路56号", "山东省", "青岛", "市北区", "", "登州路56号"},
        {"云南 大理 大理", "云南省", "大理", "大理", "", ""},
        {"恩施州恩施市", "", "恩施州", "恩施市", "", ""},
        {"伊犁哈萨克族自治州伊宁市", "", "伊犁哈萨克族自治州", "伊宁市", "", ""},
        {"内蒙古呼伦贝尔市莫旗", "内蒙古自治区", "呼伦贝尔市", "莫旗", "", ""},
        {"郑州市管城区", "", "郑州市", "管城区", "", ""},
        {"北京市崇文区", "北京市", "北京市", "崇文区", "", ""},
        {"浙江杭州江干区", "浙江省", "杭州", "江干区", "", ""},
        {"新疆生产建设兵团第八师石河子市143团", "新疆维吾尔自治区", "第八师石河子市", "", "", "143团"},
        {"成都市高新区天府大道1号", "", "成都市", "高新区", "", "天府大道1号"},
        {"河南省郑州市郑州高新技术产业开发区", "河南省", "郑州市", "郑州高新技术产业开发区", "", ""},
        {"苏州 苏州工业园区", "", "苏州", "苏州工业园区", "", ""},
        {"浙江 杭州 某新区 1号", "浙江省", "杭州", "某新区", "", "1号"},
        // cities without counties
        {"广东东莞虎门", "广东省", "东莞", "", "虎门", ""},
        {"广东省中山市小榄镇民安路", "广东省", "中山市", "", "小榄镇", "民安路"},
        {"海南 儋州 那大", "海南省", "儋州", "", "那大", ""},
        {"甘肃省嘉峪关市峪泉镇", "甘肃省", "嘉峪关市", "", "峪泉镇", ""},
        {"广东省东莞市松山湖大道1号", "广东省", "东莞市", "", "", "松山湖大道1号"},
        // any order, repeats, traditional characters
        {"武侯区 成都市 四川省", "四川省", "成都市", "武侯区", "", ""},
        {"余杭区,杭州,浙江 文一西路1号", "浙江省", "杭州", "余杭区", "", "文一西路1号"},
        {"四川省-成都市-武侯区", "四川省", "成都市", "武侯区", "", ""},
        {"朝阳区建国路1号", "", "", "朝阳区", "", "建国路1号"},
        {"杭州市杭州市杭州市余杭区文一路", "", "杭州市", "余杭区", "", "文一路"},
        {"浙江省杭州市余杭区浙江省杭州市余杭区浙江省杭州市余杭区文一路", "浙江省", "杭州市", "余杭区", "",
         "文一路"},
        {"四川省成都市武侯區", "四川省", "成都市", "武侯區", "", ""},
        {"臺灣省臺北市信義區", "台湾省", "臺北市", "信義區", "", ""},
        {"河南省鶴壁市濬縣", "河南省", "鶴壁市", "濬縣", "", ""},
        // streets and institutions stay whole
        {"江苏省南京市鼓楼区江苏省人民医院", "江苏省", "南京市", "鼓楼区", "", "江苏省人民医院"},
        {"江苏省江苏省人民医院", "江苏省", "", "", "", "江苏省人民医院"},
        {"北京市朝阳区朝阳区政府", "北京市", "北京市", "朝阳区", "", "朝阳区政府"},
        {"四川成都武侯祠大街1号", "", "", "", "", "四川成都武侯祠大街1号"},
        {"广东中山大学", "", "", "", "", "广东中山大学"},
        {"河北省石家庄市赵县大街5号", "河北省", "石家庄市", "", "", "赵县大街5号"},
        {"鞍山市海城市场3号", "", "鞍山市", "", "", "海城市场3号"},
        {"吉林省长春市朝阳大街12号", "吉林省", "长春市", "", "", "朝阳大街12号"},
        {"广东省广州市中山路8号", "广东省", "广州市", "", "", "中山路8号"},
        {"湖北省武汉市向阳街道1号", "湖北省", "武汉市", "", "向阳街道", "1号"},
        // what may be of another level, or is no region at all, is not guessed
        {"朝阳", "", "", "", "", "朝阳"},
        {"中山", "", "", "", "", "中山"},
        {"海城", "", "", "", "", "海城"},
        {"向阳", "", "", "", "", "向阳"},
        {"黑龙江 向阳", "黑龙江省", "", "向阳", "", ""},
        {"沙县小吃", "", "", "", "", "沙县小吃"},
        {"东区3栋", "", "", "", "", "东区3栋"},
        {"第一师范学院", "", "", "", "", "第一师范学院"},
        {"浙江省杭州市海曙区1号", "浙江省", "杭州市", "", "", "海曙区1号"},
        {"南京路1号", "", "", "", "", "南京路1号"},
        {"日本东京都新宿区", "", "", "", "", "日本东京都新宿区"},
        {"韩国首尔市江南区", "", "", "", "", "韩国首尔市江南区"},
        {"广南省会安市", "", "", "", "", "广南省会安市"},
        // no region: all of it is an address
        {"北京东路100号", "", "", "", "", "北京东路100号"},
        {"吉林大街12号", "", "", "", "", "吉林大街12号"},
        {"河南路", "", "", "", "", "河南路"},
        {"浙江大学", "", "", "", "", "浙江大学"},
        {"没有", "", "", "", "", "没有"},
        {"111", "", "", "", "", "111"},
        {"", "", "", "", "", ""},
        {"\xFF\xFE", "", "", "", "", "\xFF\xFE"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const Region region = parse_region(row.text);
        CHECK(region.province == row.province);
        CHECK(region.city == row.city);
        CHECK(region.district == row.district);
        CHECK(region.street == row.street);
        CHECK(region.address == row.address);
        CHECK(region.source_text == row.text);
        CHECK(region.codes.empty());
    }
}

TEST_CASE("regions in parts: the sample of the Tmall interface", "[region]") {
    const Region region = region_from_parts({.province = "浙江",
                                             .city = "杭州",
                                             .district = "余杭区",
                                             .street = "仓前街道",
                                             .address = "浙江杭州",
                                             .province_code = "110002",
                                             .city_code = "112900",
                                             .district_code = "112300",
                                             .street_code = "112860"});
    CHECK(region.province == "浙江省");
    CHECK(region.city == "杭州");
    CHECK(region.district == "余杭区");
    CHECK(region.street == "仓前街道");
    CHECK(region.address == "浙江杭州");
    CHECK(region.source_text == "浙江 杭州 余杭区 仓前街道 浙江杭州");
    REQUIRE(region.codes.size() == 4);
    for (const Code& code : region.codes) CHECK(code.system == "source");
    CHECK(region.codes[0].level == "province");
    CHECK(region.codes[0].code == "110002");
}

TEST_CASE("codes are GB/T 2260 only when name and form agree", "[region]") {
    const auto system = [](std::string_view province, std::string_view level, std::string_view code) {
        Region region = parse_region(province);
        add_code(region, level, code);
        return region.codes.empty() ? std::string() : region.codes.back().system;
    };
    CHECK(system("浙江省", "province", "330000") == "gb2260");
    CHECK(system("浙江", "city", "330100") == "gb2260");
    CHECK(system("浙江", "district", "330110") == "gb2260");
    CHECK(system("浙江", "location", "330110") == "gb2260");
    CHECK(system("浙江", "city", "330110") == "source");
    CHECK(system("浙江", "province", "110000") == "source");
    CHECK(system("浙江", "street", "330110012") == "source");
    CHECK(system("浙江", "location", "111") == "source");
    CHECK(system("浙江", "district", "33011x") == "source");
    CHECK(system("", "district", "330110") == "source");
    CHECK(system("xx省xx市", "district", "330110") == "source");
    CHECK(system("浙江", "city", "").empty());
}

TEST_CASE("codes are compared with the table", "[region]") {
    const auto system = [](std::string_view text, std::string_view level, std::string_view code) {
        Region region = parse_region(text);
        add_code(region, level, code);
        return region.codes.back().system;
    };
    CHECK(system("浙江杭州余杭区", "district", "330110") == "gb2260");
    CHECK(system("浙江杭州余杭", "location", "330110") == "gb2260");
    CHECK(system("浙江杭州余杭区", "district", "330106") == "source");  // 西湖区
    CHECK(system("浙江杭州余杭区", "district", "330199") == "source");  // no such code
    CHECK(system("浙江 宁波", "city", "330100") == "source");
    CHECK(system("浙江省杭州市下城区", "district", "330103") == "gb2260");  // until 2021
    CHECK(system("浙江省杭州市餘杭區", "district", "330110") == "gb2260");
    CHECK(system("北京市朝阳区", "city", "110100") == "gb2260");
    CHECK(system("河南省济源市", "location", "419001") == "gb2260");
    CHECK(system("河南省", "city", "419000") == "gb2260");
    CHECK(system("没有", "location", "330110") == "source");  // a code names nothing
    CHECK(parse_region("没有").district.empty());
}

TEST_CASE("the table has its date", "[region]") {
    CHECK(region_table_edition().find("(20") != std::string_view::npos);
}

TEST_CASE("regions in parts: what may be missing", "[region]") {
    CHECK(region_from_parts({.province = "上海", .city = "市辖区", .district = "浦东新区"}).city == "上海市");
    CHECK(region_from_parts({.city = "上海市", .district = "浦东新区"}).province == "上海市");
    CHECK(region_from_parts({.city = "吉林", .district = "昌邑区"}).province.empty());
    CHECK(region_from_parts({.address = "浙江省杭州市余杭区1号"}).district == "余杭区");
    CHECK(region_from_parts({.address = "浙江省杭州市余杭区1号"}).address == "1号");
    const Region none = region_from_parts({});
    CHECK(none.source_text.empty());
    CHECK(none.codes.empty());
    CHECK(region_from_parts({.province = "火星"}).province == "火星");
}

TEST_CASE("a long text is read once", "[region]") {
    std::string text = "浙江省杭州市";
    for (int i = 0; i < 20000; ++i) text += "路";
    const Region region = parse_region(text);
    CHECK(region.city == "杭州市");
    CHECK(region.address.size() == 60000);
}

TEST_CASE("a text of names only ends somewhere, and nothing of it is lost", "[region]") {
    for (const std::string name :
         {"北京市朝阳区", "城关区", "朝阳 ", "吉林市市", "浙江省杭州市", "市辖区", "中国", "大理大理 "}) {
        std::string text;
        while (text.size() < 100000) text += name;
        CAPTURE(name);
        const Region region = parse_region(text);
        CHECK(region.source_text == text);
        CHECK(region.address.size() > 99000);
    }
}
