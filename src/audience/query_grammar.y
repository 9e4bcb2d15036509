%name QueryGrammar
%token_prefix QUERY_
%token_type {struct query_token}
%extra_argument {struct query_parser *p}
// A level of nesting needs at most four entries; query_parse() allows QUERY_DEPTH_MAX levels.
%stack_size 512
%include {
#include "../base/check.h"
#include "query_parser.h"
}
%syntax_error { query_syntax_error(p, yymajor, &TOKEN); }
%stack_overflow { check(!"the grammar's stack holds what query_parse() lets in"); }

%type alternatives {struct query_node *}
%type choice {struct query_node *}
%type conjunction {struct query_node *}
%type several {struct query_node *}
%type factor {struct query_node *}
%type term {struct query_node *}
%type values {struct query_raw_values}

query ::= . { p->root = query_everybody(p); }
query ::= alternatives(A). { p->root = A; }

alternatives(A) ::= conjunction(B). { A = B; }
alternatives(A) ::= choice(B). { A = B; }
choice(A) ::= conjunction(B) OR conjunction(C). { A = query_pair(p, NODE_OR, B, C); }
choice(A) ::= choice(B) OR conjunction(C). { A = query_append(p, B, C); }

conjunction(A) ::= factor(B). { A = B; }
conjunction(A) ::= several(B). { A = B; }
several(A) ::= factor(B) also factor(C). { A = query_pair(p, NODE_AND, B, C); }
several(A) ::= several(B) also factor(C). { A = query_append(p, B, C); }
also ::= .
also ::= AND.

factor(A) ::= NOT(N) factor(B). { A = query_negate(p, B, N.from); }
factor(A) ::= OPEN(O) alternatives(B) CLOSE(C). { A = query_enclose(p, B, O.from, C.to); }
factor(A) ::= term(B). { A = B; }

term(A) ::= FIELD(F) values(V). { A = query_term(p, &F, &V); }
term(A) ::= values(V). { A = query_term(p, NULL, &V); }

values(A) ::= VALUE(V). { A = query_values(p, (struct query_raw_values){0}, &V); }
values(A) ::= values(B) COMMA VALUE(V). { A = query_values(p, B, &V); }
