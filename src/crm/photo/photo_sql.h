#pragma once
#include "photo.h"
extern const struct db_statement photo_add, photo_others, photo_show, photo_hide, photo_small,
    photo_large;
