using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Orchestrator.Host.Composition;

namespace Orchestrator.Host.Tests.Architecture;

/// <summary>
/// An engine is one folder and one line of registration: no identifier and no text of another file knows its name. Comments may speak of it.
/// </summary>
public sealed partial class EngineNameTests
{
    /// <summary>The engines' own folders, and what stands outside of them with the reason.</summary>
    private static readonly Dictionary<string, string> Allowed = new(StringComparer.Ordinal)
    {
        ["Orchestrator.Engines/Etcd/"] = "the engine's folder",
        ["Orchestrator.Engines/MongoDb/"] = "the engine's folder",
        ["Orchestrator.Engines/RavenDb/"] = "the engine's folder",
        ["Orchestrator.Engines/Milvus/"] = "the engine's folder",
        ["Orchestrator.Engines/CouchDb/"] = "the engine's folder",
        ["Orchestrator.Embedded/"] = "the engine's project",
        ["Orchestrator.Host/Backups/"] = "the files of that node",
        ["Orchestrator.Host/Composition/EngineProviders.cs"] = "the registration",
        ["Orchestrator.Host/Composition/OrchestratorProcess.cs"] = "starts the node of the built-in engine in a process with the role node",
        ["Orchestrator.Host/Composition/ReadinessActor.cs"] = "hears that node",
        ["Orchestrator.Host/Configuration/OrchestratorSettings.cs"] = "the settings of that node",
        ["Orchestrator.Host/Configuration/SettingsBinder.cs"] = "the settings of that node",
        ["Orchestrator.Host/Http/Data/"] = "the HTTP interface of that node",
        ["Orchestrator.Host/Http/NodeGateway.cs"] = "the HTTP interface of that node",
        ["Orchestrator.Host/Http/NodeOrderBook.cs"] = "the HTTP interface of that node",
        ["Orchestrator.Host/Http/NodeOrderTrail.cs"] = "the HTTP interface of that node",
        ["Orchestrator.Host/Http/Translation/NodeTranslation.cs"] = "the HTTP interface of that node",
        ["Orchestrator.Host/Http/Validation/NodeBodyReader.cs"] = "the HTTP interface of that node",
        ["Orchestrator.Host/Http/Validation/QueryValues.cs"] = "the HTTP interface of that node",
        ["Orchestrator.Host/Doctor/StorageChecks.cs"] = "looks at the data directory of that node",
        ["Orchestrator.Host/Demo/"] = "the demonstration of the built-in engine, with a configuration of its own",
    };

    [Fact]
    public void No_engine_is_known_by_name_outside_of_its_folder()
    {
        var found = Mentions().Where(mention => !Allowed.Keys.Any(place => mention.File.StartsWith(place, StringComparison.Ordinal)));

        Assert.Empty(found.Select(mention => $"{mention.File}:{mention.Line}: {mention.Text}"));
    }

    [Fact]
    public void No_exception_is_there_for_nothing()
    {
        var files = Mentions().Select(mention => mention.File).Distinct().ToList();

        Assert.All(Allowed.Keys, place => Assert.Contains(files, file => file.StartsWith(place, StringComparison.Ordinal)));
    }

    private static List<(string File, int Line, string Text)> Mentions([CallerFilePath] string here = "")
    {
        var source = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "src"));
        var names = new Regex(string.Join('|', EngineProviders.All.Names), RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
        return
        [
            .. from path in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
               let file = Path.GetRelativePath(source, path).Replace('\\', '/')
               where !Generated().IsMatch(file) && !file.StartsWith("Hocon.", StringComparison.Ordinal)
               from line in File.ReadLines(path).Select((text, index) => (Text: Comment().Replace(text, "").Trim(), Number: index + 1))
               where names.IsMatch(line.Text)
               select (file, line.Number, line.Text),
        ];
    }

    [GeneratedRegex("/(obj|bin)/", RegexOptions.CultureInvariant)]
    private static partial Regex Generated();

    [GeneratedRegex(@"(^|\s)//.*$", RegexOptions.CultureInvariant)]
    private static partial Regex Comment();
}
