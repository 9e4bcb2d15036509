#include "phone_shim.h"
#include <cstdint>
#include <cstring>
#include <phonenumbers/phonenumberutil.h>
#include <string>

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

/* Mexico gave up the 1 before mobile numbers in 2019; newer versions of the library refuse it, but
 * people go on writing it. */
static void drop_old_mobile_prefix(const PhoneNumberUtil *util, PhoneNumber *number)
{
    const int mexico = 52;
    const uint64_t prefix = 10000000000;
    if (number->country_code() == mexico && number->national_number() / prefix == 1 &&
        !util->IsValidNumber(*number))
        number->set_national_number(number->national_number() - prefix);
}

static enum shim_verdict parse(const std::string &text, const char *country, std::string *e164)
{
    const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
    PhoneNumber number;
    switch (util->Parse(text, country, &number)) {
    case PhoneNumberUtil::NO_PARSING_ERROR:
        break;
    case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR:
        return SHIM_BAD_COUNTRY;
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
    case PhoneNumberUtil::TOO_SHORT_NSN:
        return SHIM_TOO_SHORT;
    case PhoneNumberUtil::TOO_LONG_NSN:
        return SHIM_TOO_LONG;
    default:
        return SHIM_NOT_A_NUMBER;
    }
    drop_old_mobile_prefix(util, &number);
    if (!util->IsValidNumber(number)) {
        switch (util->IsPossibleNumberWithReason(number)) {
        case PhoneNumberUtil::INVALID_COUNTRY_CODE:
            return SHIM_BAD_COUNTRY;
        case PhoneNumberUtil::TOO_SHORT:
        case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY:
            return SHIM_TOO_SHORT;
        case PhoneNumberUtil::TOO_LONG:
            return SHIM_TOO_LONG;
        default:
            return SHIM_INVALID;
        }
    }
    util->Format(number, PhoneNumberUtil::E164, e164);
    return SHIM_OK;
}

enum shim_verdict shim_parse(const char *text, size_t n, const char *country, char *e164)
{
    try {
        std::string formatted;
        enum shim_verdict verdict = parse(std::string(text, n), country, &formatted);
        if (verdict != SHIM_OK)
            return verdict;
        if (formatted.size() >= 20)
            return SHIM_TOO_LONG;
        std::memcpy(e164, formatted.c_str(), formatted.size() + 1);
        return SHIM_OK;
    } catch (...) {
        return SHIM_NOT_A_NUMBER;
    }
}

size_t shim_format(const char *e164, const char *country, char *out, size_t size)
{
    try {
        const PhoneNumberUtil *util = PhoneNumberUtil::GetInstance();
        PhoneNumber number;
        if (size == 0 || util->Parse(e164, "ZZ", &number) != PhoneNumberUtil::NO_PARSING_ERROR)
            return 0;
        std::string region, text;
        util->GetRegionCodeForNumber(number, &region);
        util->Format(number,
                     region == country ? PhoneNumberUtil::NATIONAL : PhoneNumberUtil::INTERNATIONAL,
                     &text);
        size_t n = text.size() < size ? text.size() : size - 1;
        std::memcpy(out, text.data(), n);
        out[n] = 0;
        return n;
    } catch (...) {
        return 0;
    }
}
