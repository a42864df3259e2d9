using Akka.Configuration;
using Akka.Event;

namespace Akka.Actor;

/// <summary>The settings of an actor system, from its configuration and the reference configuration.</summary>
public class Settings
{
    /// <param name="system">The system.</param>
    /// <param name="config">Its configuration; the reference configuration gives what it lacks.</param>
    /// <exception cref="ConfigurationException">A value is wrong.</exception>
    internal Settings(ActorSystem system, Config config)
    {
        System = system;
        Config = config.WithFallback(ConfigurationFactory.Default());
        AskTimeout = Config.GetTimeSpan("akka.actor.ask-timeout");
        LogLevel = Config.GetString("akka.loglevel", "INFO");
        StdoutLogLevel = Config.GetString("akka.stdout-loglevel", "WARNING");
        StdoutLevel = Level("akka.stdout-loglevel", StdoutLogLevel);
        Level("akka.loglevel", LogLevel);
        Loggers = Config.GetStringList("akka.loggers");
        LoggerStartTimeout = Config.GetTimeSpan("akka.logger-startup-timeout");
        LogDeadLetters = ReadLogDeadLetters();
        LogDeadLettersDuringShutdown = Config.GetBoolean("akka.log-dead-letters-during-shutdown");
        DebugUnhandledMessage = Config.GetBoolean("akka.actor.debug.unhandled");
        SchedulerClass = Config.GetString("akka.scheduler.implementation", "");
        ProviderClass = Config.GetString("akka.actor.provider", "local");
        CoordinatedShutdownTerminateActorSystem = Config.GetBoolean("akka.coordinated-shutdown.terminate-actor-system");
        CoordinatedShutdownRunByActorSystemTerminate = Config.GetBoolean("akka.coordinated-shutdown.run-by-actor-system-terminate");
        Throughput = Config.GetInt("akka.actor.default-dispatcher.throughput");
        if (Throughput < 1)
        {
            throw new ConfigurationException($"akka.actor.default-dispatcher.throughput is {Throughput}; it must be 1 or more.");
        }
    }

    /// <summary>The system.</summary>
    internal ActorSystem System { get; }

    /// <summary>The configuration, with the defaults.</summary>
    public Config Config { get; private set; }

    /// <summary>How long Ask waits when it is given no timeout; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</summary>
    internal TimeSpan AskTimeout { get; }

    /// <summary>Lowest level that is logged.</summary>
    public string LogLevel { get; }

    /// <summary>Lowest level on standard output while the loggers are not running.</summary>
    internal string StdoutLogLevel { get; }

    /// <summary>The loggers' type names.</summary>
    internal IList<string> Loggers { get; }

    /// <summary>How long a logger may take to start.</summary>
    internal TimeSpan LoggerStartTimeout { get; }

    /// <summary>How many dead letters are logged.</summary>
    internal int LogDeadLetters { get; }

    /// <summary>Whether dead letters are logged while the system terminates.</summary>
    internal bool LogDeadLettersDuringShutdown { get; }

    /// <summary>Whether unhandled messages are logged.</summary>
    internal bool DebugUnhandledMessage { get; }

    /// <summary>The scheduler's type name.</summary>
    internal string SchedulerClass { get; }

    /// <summary>local, remote or cluster.</summary>
    public string ProviderClass { get; }

    /// <summary>True when the system is to be part of a cluster.</summary>
    internal bool HasCluster => ProviderClass == "cluster" || ProviderClass.StartsWith("Akka.Cluster.", StringComparison.Ordinal);

    /// <summary>Whether the coordinated shutdown terminates the system.</summary>
    internal bool CoordinatedShutdownTerminateActorSystem { get; }

    /// <summary>Whether <c>Terminate</c> runs the coordinated shutdown.</summary>
    internal bool CoordinatedShutdownRunByActorSystemTerminate { get; }

    internal LogLevel StdoutLevel { get; }

    internal int Throughput { get; }

    /// <summary>Adds defaults, for what a part of the runtime or an extension brings along.</summary>
    internal void InjectTopLevelFallback(Config config) => Config = Config.WithFallback(config);

    public override string ToString() => Config.ToString();

    private static LogLevel Level(string key, string name)
    {
        try
        {
            return Logging.LogLevelFor(name);
        }
        catch (ArgumentException cause)
        {
            throw new ConfigurationException($"{key}: {cause.Message}", cause);
        }
    }

    private int ReadLogDeadLetters() => Config.GetString("akka.log-dead-letters", "off").ToLowerInvariant() switch
    {
        "on" or "true" => int.MaxValue,
        "off" or "false" => 0,
        _ => Config.GetInt("akka.log-dead-letters"),
    };
}
