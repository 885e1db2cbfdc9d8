/** What one check found, and what to do where it is not as it should be. */
export interface Check {
  name: string;
  ok: boolean;
  found: string;
  fix?: string;
}
