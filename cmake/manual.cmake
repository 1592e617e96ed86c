# Writes the manual pages of all commands and plugins of a kpipe that was just built:
#   cmake -DKPIPE=COMMAND -DFOLDER=FOLDER -P manual.cmake
# They are kpipe's own words (`kpipe help --man`, `kpipe plugins --man`); which pages there
# are, it is asked as well.
file(REMOVE_RECURSE ${FOLDER})
# Nothing but the plugins that were built with it.
unset(ENV{KPIPE_PLUGIN_PATH})
set(ENV{XDG_DATA_HOME} ${FOLDER})

function(ask result)
  execute_process(COMMAND ${KPIPE} ${ARGN} OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

ask(help help)
string(REGEX MATCH "\ncommands:\n(  [^\n]*\n)+" list "${help}")
string(REGEX MATCHALL "\n  [a-z]+ " lines "${list}")
foreach(line IN LISTS lines)
  string(STRIP "${line}" command)
  ask(page help --man ${command})
  file(WRITE ${FOLDER}/man1/kpipe-${command}.1 "${page}")
endforeach()

ask(json plugins --json)
string(JSON count LENGTH "${json}" plugins)
math(EXPR last "${count} - 1")
foreach(i RANGE ${last})
  string(JSON name GET "${json}" plugins ${i} name)
  ask(page plugins --man ${name})
  file(WRITE ${FOLDER}/man7/kpipe-plugin-${name}.7 "${page}")
endforeach()
