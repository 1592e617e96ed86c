/* SPDX-License-Identifier: BSD-3-Clause
 *
 * tests/plugins/hostile/watch.c - runs a command, and tells which processes it left behind,
 * whatever these do to hide: orphans fall to this process, however they made themselves so.
 *
 *     watch REPORT COMMAND...
 *
 * REPORT gets a line for each process that is still there GRACE_MILLISECONDS after the
 * command's end, with its name; then it is killed. The status is the command's, or 128 and the
 * signal that ended it.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GRACE_MILLISECONDS = 3000, STEP_MILLISECONDS = 10 };

static pid_t command;

/* What is meant for the command gets there. */
static void pass_on(int number)
{
    if (command > 0)
        kill(command, number);
}

/* Names the process `id` in the report if its parent is this process, and ends it. */
static int report(FILE *to, int id)
{
    char path[64], name[64] = "";
    int parent = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/stat", id);
    file = fopen(path, "r");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*d (%63[^)]) %*c %d", name, &parent) != 2)
        parent = 0;
    fclose(file);
    if (parent != getpid())
        return 0;
    fprintf(to, "left: %s\n", name);
    kill(id, SIGKILL);
    return 1;
}

/* Ends what fell to this process, until nothing more does. */
static void end_all(FILE *to)
{
    int found;

    do {
        DIR *all = opendir("/proc");
        const struct dirent *entry;

        found = 0;
        while (all != NULL && (entry = readdir(all)) != NULL)
            if (strtol(entry->d_name, NULL, 10) > 0)
                found += report(to, (int)strtol(entry->d_name, NULL, 10));
        if (all != NULL)
            closedir(all);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        if (found > 0)
            usleep(STEP_MILLISECONDS * 1000);
    } while (found > 0);
}

/* Whether all children end by themselves. */
static int all_ended(void)
{
    for (int waited = 0; waited < GRACE_MILLISECONDS; waited += STEP_MILLISECONDS) {
        pid_t ended;

        while ((ended = waitpid(-1, NULL, WNOHANG)) > 0)
            ;
        if (ended < 0)
            return 1;
        usleep(STEP_MILLISECONDS * 1000);
    }
    return 0;
}

int main(int count, char **words)
{
    const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    FILE *to = count > 2 ? fopen(words[1], "w") : NULL;
    int status = 0;

    if (to == NULL || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        return 99;
    for (int i = 0; i < 3; i++)
        signal(signals[i], pass_on);
    command = fork();
    if (command == 0) {
        for (int i = 0; i < 3; i++)
            signal(signals[i], SIG_DFL);
        execvp(words[2], words + 2);
        _exit(127);
    }
    while (waitpid(command, &status, 0) != command)
        ;
    if (!all_ended())
        end_all(to);
    fclose(to);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
