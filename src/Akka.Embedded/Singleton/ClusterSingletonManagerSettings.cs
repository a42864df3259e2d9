using Akka.Actor;
using Akka.Remote;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>Settings of a <see cref="ClusterSingletonManager"/>.</summary>
public sealed class ClusterSingletonManagerSettings : INoSerializationVerificationNeeded
{
    private const string Path = "akka.cluster.singleton";

    private ClusterSingletonManagerSettings(string singletonName, string? role, TimeSpan removalMargin, TimeSpan handOverRetryInterval)
    {
        if (string.IsNullOrWhiteSpace(singletonName))
        {
            throw new ArgumentNullException(nameof(singletonName));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(removalMargin, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(handOverRetryInterval, TimeSpan.Zero);
        SingletonName = singletonName;
        Role = role;
        RemovalMargin = removalMargin;
        HandOverRetryInterval = handOverRetryInterval;
    }

    /// <summary>Name of the singleton actor below its manager.</summary>
    internal string SingletonName { get; }

    /// <summary>Only members with this role can host the singleton; null or empty: all.</summary>
    internal string? Role { get; }

    /// <summary>
    /// How long to wait after a lost host was removed before the singleton starts elsewhere; zero: the cluster's
    /// <c>akka.cluster.down-removal-margin</c>.
    /// </summary>
    internal TimeSpan RemovalMargin { get; }

    /// <summary>How often a host-to-be asks the leaving host to hand over.</summary>
    internal TimeSpan HandOverRetryInterval { get; }

    /// <summary>The settings in <c>akka.cluster.singleton</c>.</summary>
    public static ClusterSingletonManagerSettings Create(ActorSystem system)
    {
        var config = system.Settings.Config;
        return new ClusterSingletonManagerSettings(
            config.GetString($"{Path}.singleton-name", ""),
            config.GetString($"{Path}.role", ""),
            TimeSpan.Zero,
            RemoteSettings.Positive(config, $"{Path}.hand-over-retry-interval"));
    }

    /// <summary>The settings with another name of the singleton actor.</summary>
    internal ClusterSingletonManagerSettings WithSingletonName(string singletonName) =>
        new(singletonName, Role, RemovalMargin, HandOverRetryInterval);

    /// <summary>The settings with another role.</summary>
    public ClusterSingletonManagerSettings WithRole(string? role) => new(SingletonName, role, RemovalMargin, HandOverRetryInterval);

    /// <summary>The settings with another margin.</summary>
    internal ClusterSingletonManagerSettings WithRemovalMargin(TimeSpan removalMargin) =>
        new(SingletonName, Role, removalMargin, HandOverRetryInterval);

    /// <summary>The settings with another interval.</summary>
    internal ClusterSingletonManagerSettings WithHandOverRetryInterval(TimeSpan handOverRetryInterval) =>
        new(SingletonName, Role, RemovalMargin, handOverRetryInterval);
}
