/** 所属地区 is one line, in Chinese whatever the language of the page is, such as `山西省太原市`: a province chosen from a list and a city typed behind it. */

export const PROVINCES = [
  "北京市",
  "天津市",
  "河北省",
  "山西省",
  "内蒙古自治区",
  "辽宁省",
  "吉林省",
  "黑龙江省",
  "上海市",
  "江苏省",
  "浙江省",
  "安徽省",
  "福建省",
  "江西省",
  "山东省",
  "河南省",
  "湖北省",
  "湖南省",
  "广东省",
  "广西壮族自治区",
  "海南省",
  "重庆市",
  "四川省",
  "贵州省",
  "云南省",
  "西藏自治区",
  "陕西省",
  "甘肃省",
  "青海省",
  "宁夏回族自治区",
  "新疆维吾尔自治区",
  "台湾省",
  "香港特别行政区",
  "澳门特别行政区",
] as const;

/** Returns the two parts of a region. One that begins with no province of the list is all `city`. */
export function splitRegion(region: string): { province: string; city: string } {
  const province = PROVINCES.find((name) => region.startsWith(name)) ?? "";
  return { province, city: region.slice(province.length).trim() };
}

/** Returns the region as it is stored. A province that was also typed before the city is not repeated. */
export function joinRegion(province: string, city: string): string {
  const rest = city.trim();
  return rest.startsWith(province) ? rest : province + rest;
}
