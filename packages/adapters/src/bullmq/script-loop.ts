/** An argument of a script. */
type Argument = string | number | Buffer | null | undefined;

/** A Lua script as BullMQ defines it. */
export interface Script {
  readonly numberOfKeys: number;
  readonly lua: string;
}

/**
 * The script that runs another one again and again, as {@link loopArguments} says, and gives a list of what each run
 * gave. A run that fails gives its error and keeps no other from running. It has the same keys declared as the first run.
 * @param jobFields where each run gives a list that begins with a job as `HGETALL` does: its fields that are needed
 */
export function scriptLoop({ numberOfKeys, lua }: Script, jobFields?: readonly string[]): Script {
  // Of a run's arguments only those that differ from the run before are set: the scripts alter none.
  return {
    numberOfKeys,
    lua: `
local function run(KEYS, ARGV)
${lua}
end
local runs, changing, width = tonumber(ARGV[1]), cjson.decode(ARGV[2]), tonumber(ARGV[3])
local keys, args, results, at = {}, {}, {}, 3
for i = 1, ${numberOfKeys} do keys[i] = KEYS[i] end
for i = 1, width do args[i] = ARGV[at + i] end
at = at + width
for i = 1, runs do
  local ok, result = pcall(run, keys, args)
  if ok then${jobFields ? shortenJob(jobFields) : ''}
    results[i] = result or false
  else
    results[i] = type(result) == 'table' and result or { err = tostring(result) }
  end
  if i < runs then
    for _, place in ipairs(changing) do
      at = at + 1
      if place <= ${numberOfKeys} then
        keys[place] = ARGV[at]
      else
        args[place - ${numberOfKeys}] = ARGV[at]
      end
    end
  end
end
return results`,
  };
}

/** Leaves of the job that a result begins with, if there is one, no other fields than those. */
const shortenJob = (fields: readonly string[]) => `
    local job = type(result) == 'table' and result[1]
    if type(job) == 'table' then
      local short = {}
      for place = 1, #job, 2 do
        if ${fields.map((field) => `job[place] == '${field}'`).join(' or ')} then
          short[#short + 1] = job[place]
          short[#short + 1] = job[place + 1]
        end
      end
      result[1] = short
    end`;

/**
 * What {@link scriptLoop} is called with: the keys and arguments of the first run, and of each further one those that
 * are not the same in all.
 * @param runs what each run is called with, keys first; all of one length, at least one
 */
export function loopArguments(runs: readonly (readonly Argument[])[], numberOfKeys: number): Argument[] {
  const [first = [], ...further] = runs;
  const changing = [...first.keys()].filter((place) => further.some((run) => !isSame(run[place], first[place])));
  const packed: Argument[] = [...first];
  packed.splice(
    numberOfKeys,
    0,
    runs.length,
    JSON.stringify(changing.map((place) => place + 1)),
    first.length - numberOfKeys,
  );
  for (const run of further) for (const place of changing) packed.push(run[place]);
  return packed;
}

function isSame(a: Argument, b: Argument): boolean {
  return a === b || (Buffer.isBuffer(a) && Buffer.isBuffer(b) && a.equals(b));
}
