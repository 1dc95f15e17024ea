package org.blktrack.catalog;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** nginx and tinyproxy on loopback, with configuration and a certificate authority of their own. */
final class WebServer implements AutoCloseable {
    final int http = freePort();
    final int https = freePort();
    final int proxy = freePort();
    final Path authority;
    private final Path base;
    private final List<Process> processes = new ArrayList<>();

    /** @param base holds {@code catalog/}; nginx must be able to read it */
    WebServer(Path base) throws IOException, InterruptedException {
        this.base = base;
        this.authority = base.resolve("ca.pem");
        makeCertificates();
        Files.createDirectories(base.resolve("tmp"));
        Files.writeString(base.resolve("nginx.conf"), """
                daemon off; master_process off; worker_processes 1; user root; pid %1$s/nginx.pid;
                error_log %1$s/error.log info;
                events { worker_connections 64; }
                http {
                  access_log %1$s/access.log;
                  client_body_temp_path %1$s/tmp/a; proxy_temp_path %1$s/tmp/b; fastcgi_temp_path %1$s/tmp/c;
                  uwsgi_temp_path %1$s/tmp/d; scgi_temp_path %1$s/tmp/e;
                  server {
                    listen 127.0.0.1:%2$d; listen 127.0.0.1:%3$d ssl;
                    ssl_certificate %1$s/server.pem; ssl_certificate_key %1$s/server.key;
                    root %1$s;
                    location /slow/ { alias %1$s/catalog/; limit_rate 200; }
                    location /moved/ { rewrite ^/moved/(.*)$ /catalog/$1 redirect; }
                    location /round/ { return 302 /round/again; }
                    location /to-http/ { return 302 http://127.0.0.1:%2$d/catalog/index.json; }
                    location /to-https/ { return 301 https://127.0.0.1:%3$d/catalog/index.json; }
                    location /to-file/ { return 302 file:///etc/passwd; }
                    location /broken/ { return 500; }
                    location /lost/ { error_page 404 /page.html; }
                  }
                }
                """.formatted(base, http, https));
        Files.writeString(base.resolve("tinyproxy.conf"), """
                Port %d
                Listen 127.0.0.1
                Timeout 60
                LogFile "%s/proxy.log"
                LogLevel Connect
                MaxClients 20
                ConnectPort %d
                """.formatted(proxy, base, https));
        start("nginx", "-p", base.toString(), "-c", base.resolve("nginx.conf").toString());
        start("tinyproxy", "-d", "-c", base.resolve("tinyproxy.conf").toString());
        for (int port : new int[] {http, https, proxy}) {
            waitFor(port);
        }
    }

    static boolean isInstalled() {
        return Files.isExecutable(Path.of("/usr/sbin/nginx")) && Files.isExecutable(Path.of("/usr/bin/tinyproxy"));
    }

    private void makeCertificates() throws IOException, InterruptedException {
        TestCatalog.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=test authority", "-keyout", base.resolve("ca.key").toString(), "-out", authority.toString());
        TestCatalog.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE",
                "-CA", authority.toString(), "-CAkey", base.resolve("ca.key").toString(),
                "-keyout", base.resolve("server.key").toString(), "-out", base.resolve("server.pem").toString());
    }

    private void start(String... words) throws IOException {
        processes.add(new ProcessBuilder(words).redirectErrorStream(true)
                .redirectOutput(base.resolve(words[0] + ".out").toFile()).start());
    }

    private static void waitFor(int port) throws IOException, InterruptedException {
        for (int i = 0; ; i++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
                return;
            } catch (IOException e) {
                if (i == 100) {
                    throw e;
                }
                Thread.sleep(50);
            }
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    String proxyLog() throws IOException {
        return Files.readString(base.resolve("proxy.log"));
    }

    @Override
    public void close() throws InterruptedException {
        for (Process process : processes) {
            process.destroy();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }
}
