using Akka.Actor;
using Akka.Configuration;

namespace Akka.TestKit;

/// <summary>Waiting times of the test kit, from <c>akka.test</c>.</summary>
public class TestKitSettings : IExtension
{
    public TestKitSettings(Config config)
    {
        DefaultTimeout = config.GetTimeSpan("akka.test.default-timeout", TimeSpan.FromSeconds(5), allowInfinite: false);
        SingleExpectDefault = config.GetTimeSpan("akka.test.single-expect-default", TimeSpan.FromSeconds(3), allowInfinite: false);
        TestEventFilterLeeway = config.GetTimeSpan("akka.test.filter-leeway", TimeSpan.FromSeconds(3), allowInfinite: false);
        TestTimeFactor = config.GetDouble("akka.test.timefactor", 1.0);
        if (TestTimeFactor <= 0)
        {
            throw new ConfigurationException($"akka.test.timefactor is {TestTimeFactor}; it must be above 0.");
        }
    }

    /// <summary>How long calls wait when they are given no time.</summary>
    public TimeSpan DefaultTimeout { get; }

    /// <summary>How long ExpectMsg waits when it is given no time.</summary>
    public TimeSpan SingleExpectDefault { get; }

    /// <summary>How long EventFilter waits for log events.</summary>
    public TimeSpan TestEventFilterLeeway { get; }

    /// <summary>Factor by which waiting times are stretched.</summary>
    public double TestTimeFactor { get; }
}

/// <summary>Finds a system's <see cref="TestKitSettings"/>.</summary>
public class TestKitExtension : ExtensionIdProvider<TestKitSettings>
{
    /// <summary>The settings of a system.</summary>
    public static TestKitSettings For(ActorSystem system) => system.WithExtension<TestKitSettings, TestKitExtension>();

    public override TestKitSettings CreateExtension(ExtendedActorSystem system) => new(system.Settings.Config);
}
