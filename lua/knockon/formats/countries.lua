-- Countries by the names that registers and lists use, as ISO 3166-1 alpha-2.
--
-- The names are those of the ISO table in short form (of the time zone database, public domain), and what OFAC, the
-- Consolidated Screening List, Companies House and US filings write. No name is guessed: one that is not here is kept.

local NAMES = {
  AD = "andorra", AE = "uae|united arab emirates", AF = "afghanistan", AG = "antigua and barbuda|antigua barbuda",
  AI = "anguilla", AL = "albania", AM = "armenia", AO = "angola", AQ = "antarctica", AR = "argentina", AT = "austria",
  AU = "australia", AW = "aruba", AX = "aland islands", AZ = "azerbaijan",
  BA = "bosnia and herzegovina|bosnia herzegovina", BB = "barbados", BD = "bangladesh", BE = "belgium",
  BF = "burkina faso", BG = "bulgaria", BH = "bahrain", BI = "burundi", BJ = "benin", BL = "st barthelemy",
  BM = "bermuda", BN = "brunei|brunei darussalam", BO = "bolivia", BQ = "caribbean nl", BR = "brazil",
  BS = "bahamas|bahamas the|the bahamas", BT = "bhutan", BV = "bouvet island", BW = "botswana", BY = "belarus",
  BZ = "belize", CA = "canada", CC = "cocos islands",
  CD = "congo democratic republic of the|democratic republic of the congo", CF = "central african rep",
  CG = "congo|congo republic of the|republic of the congo", CH = "switzerland", CI = "cote d ivoire|ivory coast",
  CK = "cook islands", CL = "chile", CM = "cameroon", CN = "china|people s republic of china|prc", CO = "colombia",
  CR = "costa rica", CU = "cuba", CV = "cabo verde|cape verde", CW = "curacao", CX = "christmas island",
  CY = "cyprus", CZ = "czech republic|czechia", DE = "germany", DJ = "djibouti", DK = "denmark", DM = "dominica",
  DO = "dominican republic", DZ = "algeria", EC = "ecuador", EE = "estonia", EG = "egypt", EH = "western sahara",
  ER = "eritrea", ES = "spain", ET = "ethiopia", FI = "finland", FJ = "fiji", FK = "falkland islands",
  FM = "micronesia", FO = "faroe islands", FR = "france", GA = "gabon",
  GB = "britain|england|england and wales|england wales|great britain|northern ireland|scotland|uk|"
    .. "united kingdom|wales",
  GD = "grenada", GE = "georgia", GF = "french guiana", GG = "guernsey", GH = "ghana", GI = "gibraltar",
  GL = "greenland", GM = "gambia|gambia the|the gambia", GN = "guinea", GP = "guadeloupe", GQ = "equatorial guinea",
  GR = "greece", GS = "south georgia the south sandwich islands", GT = "guatemala", GU = "guam", GW = "guinea bissau",
  GY = "guyana", HK = "hong kong|hong kong china", HM = "heard island mcdonald islands", HN = "honduras",
  HR = "croatia", HT = "haiti", HU = "hungary", ID = "indonesia", IE = "eire|ireland|republic of ireland",
  IL = "israel", IM = "isle of man|man isle of", IN = "india", IO = "british indian ocean territory", IQ = "iraq",
  IR = "iran|iran islamic republic of|islamic republic of iran", IS = "iceland", IT = "italy",
  JE = "channel islands jersey|jersey", JM = "jamaica", JO = "jordan", JP = "japan", KE = "kenya", KG = "kyrgyzstan",
  KH = "cambodia", KI = "kiribati", KM = "comoros", KN = "saint kitts and nevis|st kitts and nevis|st kitts nevis",
  KP = "korea democratic people s republic of|korea north|north korea",
  KR = "korea|korea republic of|korea south|republic of korea|south korea", KW = "kuwait",
  KY = "cayman|cayman islands|the cayman islands", KZ = "kazakhstan", LA = "lao people s democratic republic|laos",
  LB = "lebanon", LC = "saint lucia|st lucia", LI = "liechtenstein", LK = "sri lanka", LR = "liberia", LS = "lesotho",
  LT = "lithuania", LU = "luxembourg", LV = "latvia", LY = "libya", MA = "morocco", MC = "monaco",
  MD = "moldova|moldova republic of", ME = "montenegro", MF = "saint martin|st martin", MG = "madagascar",
  MH = "marshall islands", MK = "macedonia|macedonia the former yugoslav republic of|north macedonia", ML = "mali",
  MM = "burma|myanmar", MN = "mongolia", MO = "macao|macau", MP = "northern mariana islands", MQ = "martinique",
  MR = "mauritania", MS = "montserrat", MT = "malta", MU = "mauritius", MV = "maldives", MW = "malawi", MX = "mexico",
  MY = "malaysia", MZ = "mozambique", NA = "namibia", NC = "new caledonia", NE = "niger", NF = "norfolk island",
  NG = "nigeria", NI = "nicaragua", NL = "holland|netherlands|the netherlands", NO = "norway", NP = "nepal",
  NR = "nauru", NU = "niue", NZ = "new zealand", OM = "oman", PA = "panama", PE = "peru", PF = "french polynesia",
  PG = "papua new guinea", PH = "philippines", PK = "pakistan", PL = "poland", PM = "st pierre miquelon",
  PN = "pitcairn", PR = "puerto rico", PS = "palestine|palestinian|region gaza|state of palestine|west bank",
  PT = "portugal", PW = "palau", PY = "paraguay", QA = "qatar", RE = "reunion", RO = "romania", RS = "serbia",
  RU = "russia|russian federation", RW = "rwanda", SA = "saudi arabia", SB = "solomon islands", SC = "seychelles",
  SD = "sudan", SE = "sweden", SG = "singapore", SH = "st helena", SI = "slovenia", SJ = "svalbard jan mayen",
  SK = "slovakia", SL = "sierra leone", SM = "san marino", SN = "senegal", SO = "somalia", SR = "suriname",
  SS = "south sudan", ST = "sao tome and principe|sao tome principe", SV = "el salvador",
  SX = "sint maarten|st maarten", SY = "syria|syrian arab republic", SZ = "eswatini|swaziland",
  TC = "turks and caicos islands|turks caicos is", TD = "chad", TF = "french s terr", TG = "togo", TH = "thailand",
  TJ = "tajikistan", TK = "tokelau", TL = "east timor|timor leste", TM = "turkmenistan", TN = "tunisia", TO = "tonga",
  TR = "turkey|turkiye", TT = "trinidad and tobago|trinidad tobago", TV = "tuvalu",
  TW = "taiwan|taiwan province of china", TZ = "tanzania|tanzania united republic of|united republic of tanzania",
  UA = "ukraine", UG = "uganda", UM = "us minor outlying islands",
  US = "america|u s a|united states|united states of america|usa", UY = "uruguay", UZ = "uzbekistan",
  VA = "holy see|vatican|vatican city",
  VC = "saint vincent and the grenadines|st vincent|st vincent and the grenadines",
  VE = "venezuela|venezuela bolivarian republic of", VG = "british virgin islands|virgin islands british",
  VI = "us virgin islands|virgin islands|virgin islands us", VN = "viet nam|vietnam", VU = "vanuatu",
  WF = "wallis futuna", WS = "samoa", XK = "kosovo", YE = "yemen", YT = "mayotte", ZA = "south africa", ZM = "zambia",
  ZW = "zimbabwe",
}

local US_STATES = "alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|district of columbia|"
  .. "florida|hawaii|idaho|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|"
  .. "minnesota|mississippi|missouri|montana|nebraska|nevada|new hampshire|new jersey|new mexico|new york|"
  .. "north carolina|north dakota|ohio|oklahoma|oregon|pennsylvania|rhode island|south carolina|south dakota|"
  .. "tennessee|texas|utah|vermont|virginia|washington|west virginia|wisconsin|wyoming"

local by_name

local function read_names()
  by_name = {}
  for code, names in pairs(NAMES) do
    for name in names:gmatch "[^|]+" do by_name[name] = code end
  end
end

local countries = {}

-- ASCII letters only, in small ones; anything else is a space.
local function fold(text)
  local folded = text:gsub("%u", function(letter) return string.char(letter:byte() + 32) end)
  folded = folded:gsub("\195[\160-\165]", "a"):gsub("\195[\168-\171]", "e"):gsub("\195[\178-\182]", "o")
    :gsub("\195[\185-\188]", "u"):gsub("\195\167", "c")
  return (folded:gsub("[^a-z]+", " "):gsub("^ ", ""):gsub(" $", ""))
end

-- The code of a country that is written as one ("de", "DE") or by name ("Korea, North"); nil when it is none of these.
function countries.code(text)
  if type(text) ~= "string" or #text > 100 then return nil end
  if not by_name then read_names() end
  local code = text:match "^%s*(%a%a)%s*$"
  code = code and code:gsub("%l", function(letter) return string.char(letter:byte() - 32) end)
  if code and NAMES[code] then return code end
  return by_name[fold(text)]
end

-- The same, and "US" for the name of one of the United States (as filings in the US name jurisdictions). Georgia is
-- both: it is left as it is written.
function countries.jurisdiction(text)
  if type(text) ~= "string" or #text > 100 then return nil end
  local folded = fold(text)
  if folded == "georgia" then return nil end
  if folded ~= "" and ("|" .. US_STATES .. "|"):find("|" .. folded .. "|", 1, true) then return "US" end
  return countries.code(text)
end

return countries
