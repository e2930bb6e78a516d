/* Another program at both ends of a test: include it once. */
#ifndef TESTS_LIB_CHILD_H
#define TESTS_LIB_CHILD_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct child {
	FILE *to, *from; /* its standard input and output */
};

/* Starts `command`, a list of arguments that ends with NULL. The test ends with status 2 if there are no pipes for it. */
static struct child child_start(char **command)
{
	int in[2], out[2];

	if (pipe(in) || pipe(out))
		exit(2);
	if (!fork()) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		close(out[0]);
		execvp(command[0], command);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	return (struct child){ fdopen(in[1], "w"), fdopen(out[0], "r") };
}

#endif
