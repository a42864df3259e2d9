using System.CommandLine;

namespace Orchestrator.Host.Cli;

/// <summary>The options that name one collection.</summary>
internal static class CollectionOptions
{
    public static (Option<string> Database, Option<string> Collection) Create(CommandRunner runner)
    {
        var database = Database(runner);
        var collection = new Option<string>("--collection") { Description = "The collection.", HelpName = "NAME", Required = true };
        collection.Offering(runner.Common, question => Completions.Collections(question, question.Line.GetValue(database)));
        return (database, collection);
    }

    public static Option<string> Database(CommandRunner runner) =>
        new Option<string>("--database") { Description = "Its database.", HelpName = "NAME", Required = true }
            .Offering(runner.Common, Completions.Databases);
}
