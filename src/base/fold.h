/* For the test that the two ways of folding agree; everybody else uses text.h. */
#pragma once
#include "str.h"
void text_fold_by_icu(struct buf *out, struct str s);
