using System.Globalization;
using System.Text;

namespace Orchestrator.Actors.Serialization;

/// <summary>The configuration that binds the product's messages to their serializer.</summary>
public static class OrchestratorSerialization
{
    /// <summary>Number of the serializer on the wire and in journals; never changes.</summary>
    public const int Identifier = 1701;

    /// <summary>HOCON text; every actor system of the product has it in its configuration.</summary>
    public static string Config { get; } = BuildConfig();

    private static string BuildConfig()
    {
        var serializer = $"{typeof(OrchestratorSerializer).FullName}, {typeof(OrchestratorSerializer).Assembly.GetName().Name}";
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"akka.actor.serializers.orchestrator = \"{serializer}\"");
        text.AppendLine(CultureInfo.InvariantCulture, $"akka.actor.serialization-identifiers {{ \"{serializer}\" = {Identifier} }}");
        text.AppendLine("akka.actor.serialization-bindings {");
        foreach (var (_, type) in MessageManifests.All)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  \"{type.FullName}, {type.Assembly.GetName().Name}\" = orchestrator");
        }

        text.AppendLine("}");
        return text.ToString();
    }
}
