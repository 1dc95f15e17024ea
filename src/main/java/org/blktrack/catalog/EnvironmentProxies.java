package org.blktrack.catalog;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.blktrack.model.BlktrackException;
import org.blktrack.model.ExitStatus;

/** Proxies as every command-line program takes them: from http_proxy, https_proxy, all_proxy and no_proxy. */
final class EnvironmentProxies extends ProxySelector {
    private static final int DEFAULT_PORT = 3128;
    private static final int MAX_PORT = 65535;

    private final Map<String, String> environment;

    EnvironmentProxies(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public List<Proxy> select(URI uri) {
        String proxy = value(uri.getScheme().toLowerCase(Locale.ROOT) + "_proxy");
        proxy = proxy.isEmpty() ? value("all_proxy") : proxy;
        if (proxy.isEmpty() || isExempt(uri.getHost())) {
            return List.of(Proxy.NO_PROXY);
        }
        URI at = address(proxy);
        int port = at.getPort() < 0 ? DEFAULT_PORT : at.getPort();
        return List.of(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(at.getHost(), port)));
    }

    private static URI address(String proxy) {
        try {
            URI at = URI.create(proxy.contains("://") ? proxy : "http://" + proxy);
            if (at.getHost() != null && at.getPort() <= MAX_PORT && "http".equalsIgnoreCase(at.getScheme())) {
                return at;
            }
        } catch (IllegalArgumentException e) {
            // as any other bad address
        }
        throw new BlktrackException(ExitStatus.USAGE, "BAD_PROXY",
                "can't use the proxy \"" + proxy + "\": it is no address such as http://HOST:PORT",
                "It is from http_proxy, https_proxy or all_proxy in the environment.");
    }

    /** The lower-case name first; HTTP_PROXY is left out, since a web server's CGI sets it from a request's header. */
    private String value(String name) {
        String lower = environment.getOrDefault(name, "");
        return !lower.isEmpty() || name.equals("http_proxy") ? lower : environment.getOrDefault(name.toUpperCase(Locale.ROOT), "");
    }

    private boolean isExempt(String host) {
        String exempt = value("no_proxy");
        for (String one : exempt.split("[,\\s]+")) {
            String suffix = one.startsWith("*.") ? one.substring(1) : one;
            if (one.equals("*") || !one.isEmpty()
                    && (host.equalsIgnoreCase(one) || endsWith(host, suffix.startsWith(".") ? suffix : "." + suffix))) {
                return true;
            }
        }
        return false;
    }

    private static boolean endsWith(String host, String suffix) {
        return host.toLowerCase(Locale.ROOT).endsWith(suffix.toLowerCase(Locale.ROOT));
    }

    @Override
    public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // The caller is told by the request that fails.
    }
}
