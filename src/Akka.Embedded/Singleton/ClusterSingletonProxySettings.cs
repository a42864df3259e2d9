using Akka.Actor;
using Akka.Remote;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>Settings of a <see cref="ClusterSingletonProxy"/>.</summary>
public sealed class ClusterSingletonProxySettings : INoSerializationVerificationNeeded
{
    /// <summary>Most messages that a proxy can be told to keep.</summary>
    private const int BufferLimit = 10_000;

    private const string Path = "akka.cluster.singleton-proxy";

    private ClusterSingletonProxySettings(string singletonName, string? role, TimeSpan singletonIdentificationInterval, int bufferSize)
    {
        if (string.IsNullOrWhiteSpace(singletonName))
        {
            throw new ArgumentNullException(nameof(singletonName));
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(singletonIdentificationInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(bufferSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bufferSize, BufferLimit);
        SingletonName = singletonName;
        Role = role;
        SingletonIdentificationInterval = singletonIdentificationInterval;
        BufferSize = bufferSize;
    }

    /// <summary>Name of the singleton actor below its manager.</summary>
    internal string SingletonName { get; }

    /// <summary>The role of the members that can host the singleton; null or empty: all.</summary>
    internal string? Role { get; }

    /// <summary>How often the proxy looks for the singleton while it does not know it.</summary>
    internal TimeSpan SingletonIdentificationInterval { get; }

    /// <summary>Messages kept while the singleton is not known, 0 to 10000; when there are more, the oldest go.</summary>
    internal int BufferSize { get; }

    /// <summary>The settings in <c>akka.cluster.singleton-proxy</c>.</summary>
    public static ClusterSingletonProxySettings Create(ActorSystem system)
    {
        var config = system.Settings.Config;
        return new ClusterSingletonProxySettings(
            config.GetString($"{Path}.singleton-name", ""),
            config.GetString($"{Path}.role", ""),
            RemoteSettings.Positive(config, $"{Path}.singleton-identification-interval"),
            RemoteSettings.Range(config, $"{Path}.buffer-size", 0, BufferLimit));
    }

    /// <summary>The settings with another name of the singleton actor.</summary>
    internal ClusterSingletonProxySettings WithSingletonName(string singletonName) =>
        new(singletonName, Role, SingletonIdentificationInterval, BufferSize);

    /// <summary>The settings with another role.</summary>
    public ClusterSingletonProxySettings WithRole(string? role) => new(SingletonName, role, SingletonIdentificationInterval, BufferSize);

    /// <summary>The settings with another interval.</summary>
    internal ClusterSingletonProxySettings WithSingletonIdentificationInterval(TimeSpan singletonIdentificationInterval) =>
        new(SingletonName, Role, singletonIdentificationInterval, BufferSize);

    /// <summary>The settings with another number of kept messages.</summary>
    public ClusterSingletonProxySettings WithBufferSize(int bufferSize) =>
        new(SingletonName, Role, SingletonIdentificationInterval, bufferSize);
}
