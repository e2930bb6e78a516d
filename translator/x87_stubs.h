/* The stubs of x87_stubs.S, which says what they do. */
#ifndef TRANSLATOR_X87_STUBS_H
#define TRANSLATOR_X87_STUBS_H

#define X87_STUB_LIST(X) \
	X(add64) X(sub64) X(mul64) X(div64) X(sqrt64) X(add53) X(sub53) X(mul53) X(div53) X(sqrt53) X(load32) X(load64) X(load_int) X(store32) X(store64) \
	X(round_int) X(chop_int) X(compare)

#define X87_STUB_NUMBER(name) X87_STUB_##name,
enum { X87_STUB_LIST(X87_STUB_NUMBER) X87_STUBS };

#endif
