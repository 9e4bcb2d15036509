/* What `habitue query` can print of a customer: one table for CSV and JSON. */
#pragma once
#include "../crm/customer/audiences.h"

#define QUERY_COLUMNS_MAX 40
#define QUERY_COLUMNS_DEFAULT "number,name,phone,email,type,visits,last_visit,spent"

struct query_column;
/* A comma-separated list of names, or "all". Returns how many, -1: *ret_unknown is no column. */
int query_columns_read(struct arena *a, const char *list, const struct query_column **ret,
                       const char **ret_unknown);
void query_csv_header(struct buf *out, const struct query_column *const *columns, int n);
void query_csv_row(struct buf *out, const struct query_column *const *columns, int n,
                   const struct audience_use *use, const struct audience_hit *hit);
void query_json_row(struct json *j, const struct query_column *const *columns, int n,
                    const struct audience_use *use, const struct audience_hit *hit);
