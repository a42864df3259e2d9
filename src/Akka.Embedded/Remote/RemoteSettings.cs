using Akka.Configuration;

namespace Akka.Remote;

/// <summary>The settings of <c>akka.remote</c>.</summary>
internal sealed class RemoteSettings
{
    private const string Tcp = "akka.remote.dot-netty.tcp";

    /// <exception cref="ConfigurationException">A value is wrong.</exception>
    public RemoteSettings(Config config)
    {
        Hostname = config.GetString($"{Tcp}.hostname", "");
        Port = Range(config, $"{Tcp}.port", 0, ushort.MaxValue);
        PublicHostname = config.GetString($"{Tcp}.public-hostname", "");
        PublicPort = Range(config, $"{Tcp}.public-port", 0, ushort.MaxValue);
        MaximumFrameSize = (int)Bytes(config, $"{Tcp}.maximum-frame-size", 32_000, int.MaxValue / 4);
        Backlog = Range(config, $"{Tcp}.backlog", 1, 65_535);
        ConnectionTimeout = Positive(config, $"{Tcp}.connection-timeout");
        BackoffInterval = Positive(config, "akka.remote.backoff-interval");
        RetryGateClosedFor = Positive(config, "akka.remote.retry-gate-closed-for");
        FlushOnShutdown = Positive(config, "akka.remote.flush-wait-on-shutdown");
        EnableSsl = config.GetBoolean($"{Tcp}.enable-ssl");
        Tls = EnableSsl ? new TlsSettings(config, $"{Tcp}.ssl") : null;
        const string watch = "akka.remote.watch-failure-detector";
        WatchHeartbeatInterval = Positive(config, $"{watch}.heartbeat-interval");
        WatchExpectedResponseAfter = Positive(config, $"{watch}.expected-response-after");
        WatchFailureDetector = FailureDetector(config, watch);
    }

    /// <summary>Host to bind to; empty: every interface.</summary>
    public string Hostname { get; }

    /// <summary>Port to bind to; 0: a free one.</summary>
    public int Port { get; }

    /// <summary>Host that others use; empty: <see cref="Hostname"/>, or this machine's name.</summary>
    public string PublicHostname { get; }

    /// <summary>Port that others use; 0: the bound one.</summary>
    public int PublicPort { get; }

    /// <summary>Largest message on the wire in bytes.</summary>
    public int MaximumFrameSize { get; }

    public int Backlog { get; }

    public TimeSpan ConnectionTimeout { get; }

    /// <summary>First pause after a failed attempt to connect; each further one doubles it.</summary>
    public TimeSpan BackoffInterval { get; }

    /// <summary>How long messages wait for a peer that cannot be reached; then they become dead letters. Longest pause, too.</summary>
    public TimeSpan RetryGateClosedFor { get; }

    /// <summary>How long the end of the system waits for what is still to be sent.</summary>
    public TimeSpan FlushOnShutdown { get; }

    public bool EnableSsl { get; }

    public TlsSettings? Tls { get; }

    public TimeSpan WatchHeartbeatInterval { get; }

    public TimeSpan WatchExpectedResponseAfter { get; }

    public PhiAccrualSettings WatchFailureDetector { get; }

    /// <summary>The protocol of addresses.</summary>
    public string Protocol => EnableSsl ? "akka.ssl.tcp" : "akka.tcp";

    /// <summary>Reads the settings of a failure detector.</summary>
    /// <exception cref="ConfigurationException">A value is wrong.</exception>
    public static PhiAccrualSettings FailureDetector(Config config, string path)
    {
        var threshold = config.GetDouble($"{path}.threshold");
        return new PhiAccrualSettings(
            threshold > 0 ? threshold : throw new ConfigurationException($"{path}.threshold is {threshold}; it must be above 0."),
            Range(config, $"{path}.max-sample-size", 1, 100_000),
            Positive(config, $"{path}.min-std-deviation").TotalMilliseconds,
            config.GetTimeSpan($"{path}.acceptable-heartbeat-pause", allowInfinite: false).TotalMilliseconds,
            Positive(config, $"{path}.heartbeat-interval").TotalMilliseconds);
    }

    /// <exception cref="ConfigurationException">The value is not in the range.</exception>
    public static int Range(Config config, string path, int least, int most)
    {
        var value = config.GetInt(path);
        return value >= least && value <= most
            ? value
            : throw new ConfigurationException($"{path} is {value}; it must be {least} to {most}.");
    }

    /// <exception cref="ConfigurationException">The value is no positive duration.</exception>
    public static TimeSpan Positive(Config config, string path)
    {
        var value = config.GetTimeSpan(path, allowInfinite: false);
        return value > TimeSpan.Zero ? value : throw new ConfigurationException($"{path} is {value}; it must be a positive duration.");
    }

    private static long Bytes(Config config, string path, long least, long most)
    {
        var value = config.GetByteSize(path) ?? 0;
        return value >= least && value <= most
            ? value
            : throw new ConfigurationException($"{path} is {value} bytes; it must be {least} to {most}.");
    }
}
