using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Akka.Actor;
using Orchestrator.Actors.Serialization;
using Orchestrator.Actors.Tests.Support;
using Orchestrator.Core.Engines;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Runs;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Actors.Tests.Serialization;

/// <summary>What a version adds to a message is a property with an initialiser; the bytes of the version before lack it.</summary>
public sealed class OlderBytesTests : PatientTestKit
{
    private readonly OrchestratorSerializer serializer;

    public OlderBytesTests()
        : base(OrchestratorSerialization.Config)
    {
        serializer = new OrchestratorSerializer((ExtendedActorSystem)Sys);
    }

    public static TheoryData<string> Manifests() => [.. MessageManifests.All.Select(entry => entry.Manifest)];

    [Theory]
    [MemberData(nameof(Manifests))]
    public void A_property_that_the_bytes_lack_has_the_value_that_its_initialiser_gives(string manifest)
    {
        var message = Samples.Of(MessageManifests.ByManifest[manifest]);
        var json = JsonNode.Parse(serializer.ToBinary(message))!;
        Strip(json, message);

        var read = serializer.FromBinary(Encoding.UTF8.GetBytes(json.ToJsonString()), manifest);

        AssertInitial(read);
    }

    [Fact]
    public void A_plan_of_a_build_with_a_field_for_each_option_is_read()
    {
        const string options = """
            {"mode":"incremental","force":true,"freeSpaceTargetMB":5,"maxBytesPerSecond":65536,"giveBackPrimary":false,"minReclaimableBytes":1,"minFragmentation":0.5,
             "comment":"c","paddingFactor":0,"paddingBytes":-1,"compactHistory":100,"disarmNoSpace":true,"includeLearners":true,"discardPartial":false,"verify":true}
            """;

        var read = Plan(options);

        Assert.Equal(
            new CompactionOptions("incremental", true, 65536, false, 1, 0.5, "c")
            {
                EngineOptions = OptionValues.None.With("freeSpaceTargetMB", 5).With("compactHistory", 100).With("disarmNoSpace", true),
                IncludeLearners = true,
                Verify = true,
            },
            read);
        Assert.Equal(OptionValues.None, Plan(options.Replace(":5,", ":20,", StringComparison.Ordinal).Replace("100", "0", StringComparison.Ordinal)
            .Replace("\"disarmNoSpace\":true", "\"disarmNoSpace\":false", StringComparison.Ordinal)).EngineOptions);
    }

    private CompactionOptions Plan(string options)
    {
        var json = $$$"""{"request":{"cluster":"main","scope":{"databases":[],"collections":[],"documents":true,"indexes":"all","nodes":[],"replicaSets":[]},"options":{{{options}}}}}""";
        return ((MakePlan)serializer.FromBinary(Encoding.UTF8.GetBytes(json), "make-plan")).Request.Options;
    }

    [Fact]
    public void Messages_have_such_properties()
    {
        var all = MessageManifests.All.SelectMany(entry => Optional(entry.Type)).ToList();

        Assert.True(all.Count >= 20, $"only {all.Count} optional properties were found");
    }

    /// <summary>Removes every optional property, those of inner messages included.</summary>
    private static void Strip(JsonNode? json, object? value)
    {
        switch (value)
        {
            case null or string:
                break;
            case IEnumerable list:
                foreach (var (item, node) in list.Cast<object>().Zip(json!.AsArray()))
                {
                    Strip(node, item);
                }

                break;
            case var record when IsMessage(record.GetType()):
                foreach (var property in Optional(record.GetType()))
                {
                    Assert.True(json!.AsObject().Remove(Name(property)), $"{property.DeclaringType!.Name} does not write {property.Name}");
                }

                foreach (var property in Required(record.GetType()))
                {
                    Strip(json![Name(property)], property.GetValue(record));
                }

                break;
        }
    }

    private static void AssertInitial(object? value)
    {
        switch (value)
        {
            case null or string:
                break;
            case IEnumerable list:
                foreach (var item in list)
                {
                    AssertInitial(item);
                }

                break;
            case var record when IsMessage(record.GetType()):
                var made = MakeLike(record);
                foreach (var property in Optional(record.GetType()))
                {
                    var (expected, actual) = (property.GetValue(made), property.GetValue(record));
                    Assert.True(
                        JsonSerializer.Serialize(expected) == JsonSerializer.Serialize(actual),
                        $"{record.GetType().Name}.{property.Name} is {JsonSerializer.Serialize(actual)}, not {JsonSerializer.Serialize(expected)}");
                }

                foreach (var property in Required(record.GetType()))
                {
                    AssertInitial(property.GetValue(record));
                }

                break;
        }
    }

    /// <summary>What <c>new</c> gives for the same constructor arguments.</summary>
    private static object MakeLike(object record)
    {
        var type = record.GetType();
        return Constructor(type).Invoke([.. Constructor(type).GetParameters().Select(parameter => type.GetProperty(parameter.Name!)!.GetValue(record))]);
    }

    private static bool IsMessage(Type type) =>
        type is { IsClass: true, Namespace: { } space } && space.StartsWith("Orchestrator.", StringComparison.Ordinal)
        && type.GetCustomAttribute<JsonConverterAttribute>() is null;

    private static ConstructorInfo Constructor(Type type) =>
        type.GetConstructors().OrderByDescending(candidate => candidate.GetParameters().Length).First();

    private static IEnumerable<PropertyInfo> Optional(Type type) => Written(type)
        .Where(property => property.CanWrite && Constructor(type).GetParameters().All(parameter => parameter.Name != property.Name));

    private static IEnumerable<PropertyInfo> Required(Type type) => Written(type)
        .Where(property => Constructor(type).GetParameters().Any(parameter => parameter.Name == property.Name));

    private static IEnumerable<PropertyInfo> Written(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.CanRead && property.GetCustomAttribute<JsonIgnoreAttribute>() is null && property.GetIndexParameters().Length == 0);

    private static string Name(PropertyInfo property) =>
        property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);
}
