using Akka.Configuration;

namespace Akka.Actor;

/// <summary>Makes a system's <see cref="CoordinatedShutdown"/>.</summary>
public sealed class CoordinatedShutdownExtension : ExtensionIdProvider<CoordinatedShutdown>
{
    public override CoordinatedShutdown CreateExtension(ExtendedActorSystem system)
    {
        var impl = (ActorSystemImpl)system;
        var config = system.Settings.Config.GetConfig("akka.coordinated-shutdown") ?? Config.Empty;
        var shutdown = new CoordinatedShutdown(system, config);
        if (system.Settings.CoordinatedShutdownTerminateActorSystem)
        {
            AddTermination(shutdown, impl, config.GetBoolean("exit-clr"));
        }

        if (config.GetBoolean("run-by-clr-shutdown-hook"))
        {
            RunAtProcessExit(shutdown, impl);
        }

        return shutdown;
    }

    private static void AddTermination(CoordinatedShutdown shutdown, ActorSystemImpl system, bool exit) =>
        shutdown.AddTask(CoordinatedShutdown.PhaseActorSystemTerminate, "terminate-system", async () =>
        {
            await system.FinalTerminate().ConfigureAwait(false);
            if (exit && shutdown.ShutdownReason is not CoordinatedShutdown.ClrExitReason)
            {
                // On a thread of its own: handlers of the process's end may wait for this task.
                new Thread(() => Environment.Exit(0)) { IsBackground = true }.Start();
            }

            return Done.Instance;
        });

    private static void RunAtProcessExit(CoordinatedShutdown shutdown, ActorSystemImpl system)
    {
        void OnExit(object? sender, EventArgs arguments)
        {
            if (!system.WhenTerminated.IsCompleted)
            {
                shutdown.Run(CoordinatedShutdown.ClrExitReason.Instance).Wait(shutdown.TotalTimeout);
            }
        }

        AppDomain.CurrentDomain.ProcessExit += OnExit;
        system.RegisterOnTermination(() => AppDomain.CurrentDomain.ProcessExit -= OnExit);
    }
}

/// <summary>A phase of the coordinated shutdown.</summary>
/// <param name="DependsOn">Phases that come before.</param>
/// <param name="Timeout">How long it waits for its tasks.</param>
/// <param name="Recover">Whether the shutdown goes on when a task fails or takes too long.</param>
/// <param name="Enabled">Whether its tasks are run.</param>
internal sealed record ShutdownPhase(IReadOnlyList<string> DependsOn, TimeSpan Timeout, bool Recover, bool Enabled)
{
    /// <summary>The phases of <c>akka.coordinated-shutdown</c>.</summary>
    public static IReadOnlyDictionary<string, ShutdownPhase> Read(Config config)
    {
        var result = new Dictionary<string, ShutdownPhase>();
        var defaultTimeout = config.GetTimeSpan("default-phase-timeout", TimeSpan.FromSeconds(5));
        var phases = config.GetConfig("phases") ?? Config.Empty;
        foreach (var name in phases.Keys())
        {
            var phase = phases.GetConfig(name)!;
            result.Add(name, new ShutdownPhase(
                [.. phase.GetStringList("depends-on")],
                phase.GetTimeSpan("timeout", defaultTimeout, allowInfinite: false),
                phase.GetBoolean("recover", true),
                phase.GetBoolean("enabled", true)));
        }

        return result;
    }

    /// <summary>The phases in an order that keeps all dependencies.</summary>
    /// <exception cref="ConfigurationException">Phases depend on each other in a circle.</exception>
    public static IReadOnlyList<string> Sort(IReadOnlyDictionary<string, ShutdownPhase> phases)
    {
        var result = new List<string>();
        var open = new HashSet<string>();
        foreach (var name in phases.Keys)
        {
            Visit(name);
        }

        return result;

        void Visit(string name)
        {
            if (result.Contains(name))
            {
                return;
            }

            if (!open.Add(name))
            {
                throw new ConfigurationException($"akka.coordinated-shutdown.phases: cycle detected at phase [{name}].");
            }

            foreach (var before in phases.TryGetValue(name, out var phase) ? phase.DependsOn : [])
            {
                if (!phases.ContainsKey(before))
                {
                    throw new ConfigurationException($"akka.coordinated-shutdown.phases.{name}.depends-on names the unknown phase [{before}].");
                }

                Visit(before);
            }

            result.Add(name);
        }
    }
}
