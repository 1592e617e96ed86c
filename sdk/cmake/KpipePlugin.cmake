# SPDX-License-Identifier: MIT
#
# kpipe_add_plugin(NAME SOURCES file... [LIBRARIES target...])
#
# Builds the shared object NAME.so as kpipe wants its plugins: one exported
# function, no undefined symbols, no symbols of its static libraries exported, no
# RPATH. Works the same inside kpipe's own build and in a vendor's, after
# find_package(kpipe). Link libraries by LIBRARIES: what is linked statically
# stays hidden.
#
# In kpipe's own build with KPIPE_STATIC_PLUGINS it makes one relocatable object
# instead, whose only global symbols are the entry and the note's text.
function(kpipe_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 plugin "" "" "SOURCES;LIBRARIES")
  if(KPIPE_STATIC_PLUGINS)
    string(MAKE_C_IDENTIFIER "${name}" identifier)
    add_library(plugin-${name} OBJECT ${plugin_SOURCES})
    target_compile_definitions(plugin-${name} PRIVATE KP_STATIC_NAME=${identifier})
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.o)
    add_custom_command(OUTPUT ${object}
      COMMAND ${CMAKE_LINKER} -r -o ${object}.all $<TARGET_OBJECTS:plugin-${name}>
      COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${object}.all ${object}
      DEPENDS plugin-${name} $<TARGET_OBJECTS:plugin-${name}> COMMAND_EXPAND_LISTS VERBATIM)
    # A target, because other folders know the rule only through one.
    add_custom_target(object-${name} DEPENDS ${object})
    set_property(GLOBAL APPEND PROPERTY KPIPE_STATIC_TARGETS object-${name})
    set_property(GLOBAL APPEND PROPERTY KPIPE_STATIC_OBJECTS ${object})
    set_property(GLOBAL APPEND PROPERTY KPIPE_STATIC_NAMES ${identifier})
    set_property(GLOBAL APPEND PROPERTY KPIPE_STATIC_LIBRARIES ${plugin_LIBRARIES})
  else()
    add_library(plugin-${name} MODULE ${plugin_SOURCES})
    set_target_properties(plugin-${name} PROPERTIES PREFIX "" OUTPUT_NAME ${name} SUFFIX .so
                          SKIP_BUILD_RPATH ON)
    target_link_options(plugin-${name} PRIVATE -Wl,--exclude-libs,ALL -Wl,-z,now)
    if(NOT KPIPE_SANITIZE AND NOT KPIPE_FUZZ) # a sanitizer's functions are found in the program at run time
      target_link_options(plugin-${name} PRIVATE -Wl,-z,defs)
    endif()
    set_property(GLOBAL APPEND PROPERTY KPIPE_PLUGIN_TARGETS plugin-${name})
  endif()
  set_target_properties(plugin-${name} PROPERTIES C_VISIBILITY_PRESET hidden
                        CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
                        POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(plugin-${name} PRIVATE kpipe::sdk ${plugin_LIBRARIES})
endfunction()
