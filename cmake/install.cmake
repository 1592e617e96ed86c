# What is installed: the command, its plugins and recipes, the manual, and the SDK.
include(CMakePackageConfigHelpers)

install(TARGETS kpipe RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
if(TARGET kpipe-worker)
  install(TARGETS kpipe-worker RUNTIME DESTINATION ${KPIPE_WORKER_DIR})
endif()
get_property(plugins GLOBAL PROPERTY KPIPE_PLUGIN_TARGETS)
if(plugins)
  install(TARGETS ${plugins} LIBRARY DESTINATION ${KPIPE_PLUGIN_DIR})
endif()
install(DIRECTORY recipes/ DESTINATION ${KPIPE_RECIPE_DIR} FILES_MATCHING PATTERN *.yml)
install(DIRECTORY docs/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 FILES_MATCHING PATTERN *.1)
# Where the build machine can run the command, it writes the pages of its commands and plugins.
if(NOT CMAKE_CROSSCOMPILING OR CMAKE_CROSSCOMPILING_EMULATOR)
  add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/manual.stamp
    COMMAND ${CMAKE_COMMAND} "-DKPIPE=${CMAKE_CROSSCOMPILING_EMULATOR};$<TARGET_FILE:kpipe>"
            -DFOLDER=${PROJECT_BINARY_DIR}/manual -P ${PROJECT_SOURCE_DIR}/cmake/manual.cmake
    COMMAND ${CMAKE_COMMAND} -E touch ${PROJECT_BINARY_DIR}/manual.stamp
    DEPENDS kpipe ${plugins} ${PROJECT_SOURCE_DIR}/cmake/manual.cmake
    COMMENT "Writing the manual" VERBATIM)
  add_custom_target(manual ALL DEPENDS ${PROJECT_BINARY_DIR}/manual.stamp)
  install(DIRECTORY ${PROJECT_BINARY_DIR}/manual/ DESTINATION ${CMAKE_INSTALL_MANDIR})
endif()
# As `kpipe completion` writes them, under the names by which shells look for them.
set(completion ${PROJECT_SOURCE_DIR}/core/cli/completion)
install(FILES ${completion}/kpipe.bash RENAME kpipe
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${completion}/kpipe.zsh RENAME _kpipe
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${completion}/kpipe.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES LICENSE README.md SECURITY.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(TARGETS kpipe-sdk EXPORT kpipe-targets)
install(FILES ${KPIPE_SDK_HEADERS} ${PROJECT_BINARY_DIR}/sdk/include/kpipe/sdk_hash.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/kpipe)
install(EXPORT kpipe-targets NAMESPACE kpipe:: DESTINATION ${KPIPE_CMAKE_DIR}
        FILE kpipe-targets.cmake)
configure_package_config_file(sdk/cmake/kpipe-config.cmake.in
                              ${PROJECT_BINARY_DIR}/kpipe-config.cmake
                              INSTALL_DESTINATION ${KPIPE_CMAKE_DIR}
                              PATH_VARS KPIPE_PLUGIN_DIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/kpipe-config-version.cmake
                                 COMPATIBILITY ExactVersion ARCH_INDEPENDENT)
install(FILES sdk/cmake/KpipePlugin.cmake ${PROJECT_BINARY_DIR}/kpipe-config.cmake
              ${PROJECT_BINARY_DIR}/kpipe-config-version.cmake DESTINATION ${KPIPE_CMAKE_DIR})
# Relative to where it lies, as the CMake package is: --prefix may differ from the build's.
file(RELATIVE_PATH KPIPE_PC_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(sdk/kpipe.pc.in ${PROJECT_BINARY_DIR}/kpipe.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/kpipe.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES sdk/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR}/sdk)
install(DIRECTORY sdk/template/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/sdk/template)
