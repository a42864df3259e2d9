using Akka.Actor;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>
/// Makes sure that one actor runs exactly once in the cluster. Its manager must be started, under the same name, on every member
/// that may host the singleton.
/// </summary>
public sealed class ClusterSingletonManager
{
    private ClusterSingletonManager()
    {
    }

    /// <summary>Props of a manager whose singleton is stopped by <see cref="PoisonPill"/>.</summary>
    internal static Props Props(Props singletonProps, ClusterSingletonManagerSettings settings) =>
        Props(singletonProps, PoisonPill.Instance, settings);

    /// <summary>Props of a manager.</summary>
    /// <param name="singletonProps">Props of the singleton actor.</param>
    /// <param name="terminationMessage">Sent to the singleton when it must hand over; it stops itself when it is ready.</param>
    /// <param name="settings">The settings.</param>
    public static Props Props(Props singletonProps, object terminationMessage, ClusterSingletonManagerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(singletonProps);
        ArgumentNullException.ThrowIfNull(terminationMessage);
        ArgumentNullException.ThrowIfNull(settings);
        return Akka.Actor.Props.Create(() => new SingletonManager(singletonProps, terminationMessage, settings));
    }
}
