/*
 * Every encoding our decoder accepts, as cells of the coverage table: an opcode with its map, mandatory prefix, group number and kind of
 * ModRM operand. Made by asking insn_decode(), so that nothing it accepts can be forgotten.
 */
#ifndef TESTS_CONFORMANCE_ENUMERATE_H
#define TESTS_CONFORMANCE_ENUMERATE_H

#include <stdint.h>

#include "tests/conformance/vector.h"

enum cell_map { MAP_ONE_BYTE, MAP_0F, MAP_0F38, MAP_0F3A, CELL_MAPS };
enum cell_form { FORM_NONE, FORM_MEM, FORM_REG }; /* what ModRM names */
enum cell_class { CLASS_INT, CLASS_STACK, CLASS_STRING, CLASS_JUMP, CLASS_X87, CLASS_MMX, CLASS_SSE, CLASS_SYSTEM, CLASS_COUNT };

struct cell {
	uint8_t size;   /* MODE16, MODE32, MODE64 */
	uint8_t prefix; /* mandatory prefix: 0, 66, F3, F2 */
	uint8_t map;    /* enum cell_map */
	uint8_t opcode;
	int8_t reg;     /* ModRM.reg where it belongs to the opcode, else -1 */
	int8_t rm;      /* ModRM.rm where it belongs to the opcode, else -1 */
	uint8_t form;   /* enum cell_form */
	uint8_t class;  /* enum cell_class */
	uint16_t op;    /* enum opcode */
	char name[20];
};

#define CELLS_MAX 2048

/* Fills `cells` with those of code of a size (MODE16, MODE32, MODE64); returns their number. */
int cells_enumerate(struct cell *cells, int size);
/* Why no generator makes this cell in a mode; NULL when one does. */
const char *cell_reason(const struct cell *c, enum vector_mode mode);
/* Whether the build machine's CPU can say what this cell's instruction does in a mode (else a virtual machine is asked). */
int cell_native(const struct cell *c, enum vector_mode mode);
/* Whether it can say that for anything in this mode. */
int mode_native(enum vector_mode mode);
/* The code size of a mode: MODE16, MODE32 or MODE64. */
int mode_size(enum vector_mode mode);
/* "pm32" and so on; and back, -1 when unknown. */
extern const char *const mode_names[VECTOR_MODES];
int mode_by_name(const char *name, int length);
/* Whether an opcode of a map (enum cell_map) has a ModRM byte, and whether a mandatory prefix selects its operation. */
int opcode_has_modrm(int map, int opcode);
int opcode_takes_prefix(int map, int opcode);
/* The bytes that lead to a map; the number of bytes. */
int map_escape(int map, uint8_t *bytes);
/* The map of the opcode that begins at `bytes`, behind the prefixes. */
int map_of(const uint8_t *bytes);

#endif
