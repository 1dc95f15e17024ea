package org.blktrack.linux;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeepDeleteTest {
    @TempDir
    Path root;

    /** A directory in which each listing begins with a name that is gone when it is looked up. */
    @SuppressWarnings("unchecked")
    private static SecureDirectoryStream<Path> vanishing(SecureDirectoryStream<Path> real) {
        Class<?>[] type = {SecureDirectoryStream.class};
        return (SecureDirectoryStream<Path>) Proxy.newProxyInstance(type[0].getClassLoader(), type, (proxy, method, arguments) -> {
            try {
                Object answer = method.invoke(real, arguments);
                if (method.getName().equals("newDirectoryStream")) {
                    return vanishing((SecureDirectoryStream<Path>) answer);
                }
                if (method.getName().equals("iterator")) {
                    List<Path> names = new ArrayList<>(List.of(Path.of("vanished")));
                    ((Iterator<Path>) answer).forEachRemaining(names::add);
                    return names.iterator();
                }
                return answer;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    @Test
    void whatVanishesMeanwhileKeepsNothingElse() throws IOException {
        Path top = root.resolve("top");
        Files.createDirectories(top.resolve("a/b"));
        Files.createFile(top.resolve("a/b/file"));
        Files.createFile(top.resolve("file"));
        try (SecureDirectoryStream<Path> real = (SecureDirectoryStream<Path>) Files.newDirectoryStream(root)) {
            DeepDelete.deleteEntry(vanishing(real), Path.of("top"));
        }
        assertFalse(Files.exists(top));
    }

    @Test
    void whatIsNotThereIsNoFault() throws IOException {
        DeepDelete.delete(root, root.resolve("none"));
        DeepDelete.delete(root, root.resolve("none/on/the/way"));
        DeepDelete.delete(root.resolve("none"), root.resolve("none/below"));
        assertTrue(Files.isDirectory(root));
    }
}
