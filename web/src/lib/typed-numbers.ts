/**
 * Numbers that people type or paste: certificates, phones, ID numbers, captchas and codes. The server has the same rule in
 * `chalicelib/shared/typed_numbers.py`; both are tested with `tests/unit/typed_numbers.json`.
 */

// The last four look like a dash, but are none in Unicode.
const DASHES = /[\p{Pd}\u2212\u02d7\u2043\u30fc]/gu;
const SPACES = /[\p{Z}\t\n\v\f\r]/gu;
const INVISIBLE = /[\p{Cc}\p{Cf}]/gu;
const AROUND = /^[ 。、,;:!]+|[ 。、,;:!]+$/g; // what is copied with a number out of a sentence
// What stands in front of a number. `NO` alone may begin the number of a passport.
const LABELS =
  /^(?:(?:证书编号|证书号码|证书号|证书|工单编号|工单号|工单|投诉编号|投诉号|投诉|手机号码|手机号|手机|联系电话|电话|公民身份号码|身份证号码|身份证号|身份证|证件号码|证件号|护照号码|护照号|护照|图形验证码|语音验证码|短信验证码|验证码|动态码|考试记录编号|记录编号|编号|号码|姓名|考生|No *[.:]) *[:.]* *)+/i;
const CERTIFICATE = /^SX(\d{4})(\w{4})(\w{4})(\w{4})(\w{4})(\d{1,3})?$/;

/** Returns the number without label, spaces, dashes and a full stop at its end, in normal width and upper case. */
export function plainNumber(text: string): string {
  const visible = text
    .replace(/№/g, "No.")
    .normalize("NFKC")
    .replace(SPACES, " ")
    .replace(DASHES, "-")
    .replace(INVISIBLE, "");
  const bare = visible.replace(AROUND, "").replace(LABELS, "").replace(AROUND, "");
  return bare.replace(/[ -]/g, "").replace(/\.+$/, "").toUpperCase();
}

/** The 11 digits of a mobile number, or "" when it is none. The server decides whether a number is valid. */
export function phoneDigits(text: string): string {
  const digits = plainNumber(text)
    .replace(/[()]/g, "")
    .replace(/^(?:\+|00)?86(?=1)/, "");
  return /^1\d{10}$/.test(digits) ? digits : "";
}

/** The number of a certificate in groups, as it is printed. Returns anything else in normal form. */
export function certificateNumber(text: string): string {
  const plain = plainNumber(text);
  const [, ...groups] = CERTIFICATE.exec(plain) ?? [];
  return groups.length ? ["SX", ...groups.filter(Boolean)].join("-") : plain;
}
